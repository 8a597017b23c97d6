import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { SceneRef } from '../../core/base/messages.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import type { AlarmState } from '../../observability/alarmState.ts';
import { fifteenDays, keyOf } from '../../replay/plan.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { exitCodeOf, sentenceOf } from '../terminal/failure.ts';
import { type ReplayedStage, replayInto } from './replay.ts';

const BEGIN = Date.parse('2026-03-10T12:00:00Z');
const MODEL = { name: 'droughtwatch-baseline', version: '1.0.0' };
const WITH_FIVE_MINUTES = { minutesPerDay: 5, fromDay: 13, seed: 7 };
/** What a run takes. */
const RUN_MILLISECONDS = 20_000;

/** A stage whose time goes by when somebody waits, and where a day's first file sets the drift alarm off. */
function makeStage({ stopAfter = Number.POSITIVE_INFINITY, neverDone = '' } = {}) {
  const sent: { key: string; at: number; bytes: number }[] = [];
  const lines: string[] = [];
  let time = BEGIN;
  const age = ({ key }: SceneRef) => time - sent.find((one) => one.key === key)!.at;

  const stage: ReplayedStage = {
    stage: 'dev',
    parameters: exampleParameters,
    models: { promoted: async () => MODEL, load: () => readModelPackage(readBaselineFile) },
    put: async (file, key) => {
      sent.push({ key, at: time, bytes: (await readFile(file)).length });
      return { bucket: 'inbox', key, versionId: '1' };
    },
    ledger: {
      ofScene: async (scene) => {
        if (age(scene) < 1000) return []; // its event has not come yet
        return [
          rowOf(scene, age(scene) < RUN_MILLISECONDS || scene.key.includes(neverDone || '?') ? 'PREPARED' : 'DONE'),
        ];
      },
    },
    readAlarms: async () => {
      const isOff = sent.length % 3 === 1;
      return [alarm('drift', isOff ? 'ALARM' : 'OK'), alarm('no-sweep', 'OK'), alarm('blanks', 'INSUFFICIENT_DATA')];
    },
    readOutbox: null,
  };
  const ports = {
    now: () => time,
    wait: async (milliseconds: number) => {
      assert.ok(milliseconds > 0);
      time += milliseconds;
      if (time - BEGIN > stopAfter) throw new DOMException('stopped', 'AbortError');
    },
    print: (line: string) => lines.push(line),
  };
  return { stage, ports, sent, lines, minutes: (at: number) => (at - BEGIN) / 60_000 };
}

function rowOf(scene: SceneRef, state: 'PREPARED' | 'DONE'): LedgerRow {
  const found = { chips: 210, blank: 10, ...storedCounts([120, 30, 30, 20], { probabilitySum: 100 }) };
  const about = { run: scene.key, scene, model: MODEL, at: new Date(BEGIN).toISOString() };
  return rowIn(state, { ...about, ...(state === 'DONE' && found) });
}

function alarm(id: string, state: AlarmState['state']): AlarmState {
  return { id, name: `swath-dev-${id}`, state, since: '', reason: `${id} is ${state}.` };
}

test('each file is sent at its time of a day that is pressed into minutes, under the key of its seed', async () => {
  const { stage, ports, sent, minutes } = makeStage();
  await replayInto(stage, WITH_FIVE_MINUTES, ports);
  const planned = fifteenDays
    .slice(12)
    .flatMap((day, i) =>
      day.scenes.map((scene) => ({ key: keyOf(7, day, scene), minute: 5 * (i + scene.minute / (24 * 60)) })),
    );
  assert.deepEqual(
    sent.map(({ key }) => key),
    planned.map(({ key }) => key),
  );
  for (const [i, { at, bytes }] of sent.entries()) {
    assert.ok(Math.abs(minutes(at) - planned[i]!.minute) < 1e-3, `${planned[i]!.key} at ${minutes(at)}`);
    assert.ok(bytes > 120 * 46_743);
  }
});

test('it prints a line for each file, each alarm that changes, and each day', async () => {
  const { stage, ports, lines } = makeStage();
  await replayInto(stage, WITH_FIVE_MINUTES, ports);
  const [head, drawn, , ...days] = lines;
  assert.equal(head, 'Fifteen days go to the stage dev, 5 minutes each: 15 minutes from day 13 on.');
  assert.match(drawn!, /with replacement from droughtwatch\/part-r-00012, seed 7\./);
  assert.deepEqual(days.slice(0, 6), [
    '            12:01  ALARM drift: drift is ALARM.',
    '            12:01  DONE replay-seed-7/day-13/LC08-scene-1.tfrecord: 210 chips.',
    '            12:02  OK drift',
    '            12:02  DONE replay-seed-7/day-13/LC09-scene-2.tfrecord: 210 chips.',
    '            12:03  DONE replay-seed-7/day-13/LC08-scene-3.tfrecord: 210 chips.',
    'day 13          3    630    60 %    15 %    15 %        10 %  0.003        0.050  no drift',
  ]);
  assert.equal(days.filter((line) => /^day 1[345] /.test(line)).length, 3);
});

test('a file that is not done holds its day up for a while, and not for ever', async () => {
  const { stage, ports, lines, minutes } = makeStage({ neverDone: 'day-14/LC09-scene-2' });
  await replayInto(stage, WITH_FIVE_MINUTES, ports);
  const late = lines.findIndex((line) => /day-14\/LC09-scene-2.tfrecord is still in progress\.$/.test(line));
  assert.match(lines[late + 1]!, /^day 14 +2 +420 /);
  assert.ok(minutes(ports.now()) > 16 && minutes(ports.now()) < 19);
});

test('stopped in the middle, it says how to go on', async () => {
  const { stage, ports, lines } = makeStage({ stopAfter: 7 * 60_000 });
  const stopped = replayInto(stage, { ...WITH_FIVE_MINUTES, profile: 'mine' }, ports);
  await assert.rejects(stopped, (error) => exitCodeOf(error) === 130 && sentenceOf(error) === 'interrupted.');
  const goOn = 'npx swath replay --stage dev --profile mine --minutes-per-day 5 --seed 7 --from-day 14';
  assert.equal(lines.at(-1), `\nStopped in day 14. To go on: ${goOn}`);
});

test('without a stage it is wrong use, with the way to the demonstration', async () => {
  const { code, stdout, stderr } = await swathHere(['replay'], temporaryFolder());
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^swath: replay needs --stage: .* npm start replays them in seconds\.\n$/);
});

for (const [option, value, allowed] of [
  ['--minutes-per-day', '0', 'a number above 0, up to 1440'],
  ['--from-day', '16', 'a whole number from 1 to 15'],
  ['--seed', '-1', 'a whole number from 0 to 4294967295'],
] as const)
  test(`${option} ${value} is wrong use`, async () => {
    const { code, stderr } = await swathHere(['replay', '--stage', 'dev', option, value], temporaryFolder());
    assert.deepEqual([code, stderr], [2, `swath: ${option}: found "${value}", allowed is ${allowed}.\n`]);
  });
