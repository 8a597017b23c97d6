import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NAMESPACE, ofAll } from '../../core/metrics/metrics.ts';
import { classificationShown } from '../../core/tasks/classification/shown.ts';
import { type MetricStore, openMetricStore } from '../../local/alarms/metricStore.ts';
import { observedParameters } from '../../local/alarms/observing.ts';
import { readOutbox } from '../../local/alarms/outbox.ts';
import { startStack } from '../../local/stack/stack.ts';
import type { AlarmState } from '../../observability/alarms.ts';
import { dashboardOf } from '../../observability/dashboard.ts';
import type { Series } from '../../observability/panel.ts';
import { dateOf, fifteenDays, keyOf, type PlannedDay, SEED } from '../../replay/plan.ts';
import { readRecord } from '../../replay/record.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { SAMPLES, SHARD } from '../models/bundled.ts';
import { prepareDemonstration } from './demonstration.ts';

const INTERRUPTED_AFTER = 6;
/** What is told of models alone whose package says how right it is on held-out chips, or expects an accuracy: the bundled one does neither. */
/** Of packages that say what accuracy they expect, of feeds, and of a warehouse. */
const OF_OTHERS = {
  metrics: ['AccuracyShortfall', 'FeedFailures', 'UnloadedSeconds', 'EstimatedAccuracy'],
  alarms: ['accuracy-below', 'feeds'],
};

const LIMIT = { timeout: 180_000 };

describe('swath start, on a new folder', LIMIT, () => {
  const cwd = temporaryFolder();
  const inFolder = (name: string) => join(cwd, '.swath', name);
  const began = performance.now();
  let running = startSwath(['start'], cwd);
  let days: Map<string, PlannedDay>;
  let lines: string[];

  after(() => running.kill('SIGKILL'));

  before(async () => {
    await running.says(/\n588715918154\/part-r-00012 +\w{8} +DONE +81 +2 .* no drift +\d+\.\d\d\n/);
    // The first result does not wait for the fifteen days.
    assert.doesNotMatch(running.output.stdout, /^20\d\d-\d\d-\d\d /m);
    const untilFirst = performance.now() - began;
    copyFileSync(join(SAMPLES, SHARD), inFolder('inbox/mine.tfrecord'));
    const { firstDay } = readRecord(inFolder('replay.json'))!;
    days = new Map(fifteenDays.map((day) => [dateOf(firstDay, day), day]));
    await running.says(new RegExp(`\n${dateOf(firstDay, fifteenDays[INTERRUPTED_AFTER - 1]!)} `));
    // How soon it is, beside what the same machine needs for those days: the clock alone would tell of how busy it is.
    const forDays = performance.now() - began - untilFirst;
    assert.ok(
      untilFirst < forDays,
      `${untilFirst} ms until the first result, ${forDays} ms for ${INTERRUPTED_AFTER} days`,
    );
    running.kill('SIGINT');
    const stopped = await running.ended;
    assert.equal(stopped.code, 0);
    assert.match(stopped.stderr, /\nThe next start continues with day \d+ of 15\.\n$/);

    running = startSwath(['start'], cwd);
    await running.says(/Ctrl-C stops\.\n/);
    lines = `${stopped.stdout}${running.output.stdout}`.split('\n');
  }, LIMIT);

  const linesAbout = (date: string) => lines.filter((line) => line.startsWith(date));
  const numberOf = (time: string) => days.get(new Date(time).toISOString().slice(0, 10))?.number;

  test('fifteen days go by, interrupted or not, each with one line', () => {
    assert.match(lines.join('\n'), /are drawn with replacement from droughtwatch\/part-r-00012, seed 1\./);
    const [yesterday] = [...days.keys()].slice(-1);
    assert.ok(Date.now() - Date.parse(yesterday!) < 3 * 86_400_000);
    for (const [date, { number }] of days) {
      const [line, ...more] = linesAbout(date);
      assert.equal(more.length, 0);
      const isFar = number === 4 || number === 5;
      assert.match(
        line!,
        new RegExp(`^${date} +[234] +[34]\\d\\d( +\\d+ %){4}( +0\\.\\d{3}){2}  ${isFar ? '' : 'no '}drift$`),
      );
    }
    assert.ok(!lines.join('\n').includes('\u001b'), 'no escape codes where there is no terminal');
  });

  test('the alarms report the damaged file, the class shift, the slow decay, the bad sensor and the dark band', async () => {
    const emails = (await readOutbox(inFolder('outbox'))).reverse();
    const alarms = emails.map(({ time, subject }) => [
      numberOf(time),
      subject.split(':')[0],
      /swath-local-([a-z-]+)/.exec(subject)?.[1],
    ]);
    assert.deepEqual(alarms, [
      [2, 'ALARM', 'invalid-files'],
      [4, 'ALARM', 'drift'],
      [4, 'ALARM', 'band-drift'],
      [6, 'OK', 'drift'],
      [6, 'OK', 'band-drift'],
      [10, 'ALARM', 'gradual-drift'], // as day 9 closes
      [12, 'ALARM', 'band-drift'],
      [13, 'OK', 'band-drift'],
      [14, 'ALARM', 'band-drift'],
      [15, 'OK', 'band-drift'],
      [undefined, 'OK', 'gradual-drift'], // as day 15 closes
    ]);
    const causes = (day: number) => {
      const { id } = emails.find(({ time, subject }) => numberOf(time) === day && subject.startsWith('ALARM'))!;
      return readFileSync(join(inFolder('outbox'), `${id}.eml`), 'utf8')
        .replace(/=\r?\n/g, '')
        .replace(/\s+/g, ' ');
    };
    assert.match(causes(4), /The class that moved most is cows-0/);
    assert.match(causes(12), /sensor LC09: The source band that moved most is B5/);
    assert.match(causes(14), /- The source band that moved most is B2/);
    for (const { id } of emails)
      assert.ok(
        lines.some((line) => line.endsWith(`: e-mail ${id}.eml`)),
        id,
      );
    const states: Record<string, AlarmState> = JSON.parse(readFileSync(inFolder('alarms.json'), 'utf8'));
    for (const [id, { state }] of Object.entries(states))
      assert.equal(state, OF_OTHERS.alarms.includes(id) ? 'INSUFFICIENT_DATA' : 'OK', id);
  });

  test('one file is invalid, one a duplicate, one empty; every other one is done, once', async () => {
    const runs = jsonLines<{ file: string; state: string }>(await swathHere(['runs', '--json', '--limit', '100'], cwd));
    const wanted = fifteenDays.flatMap((day) =>
      day.scenes.map((scene) => [
        keyOf(SEED, day, scene),
        { damaged: 'INVALID', 'LC08-scene-1-again': 'DUPLICATE', blank: 'EMPTY' }[scene.name] ?? 'DONE',
      ]),
    );
    const found = runs.filter(({ file }) => file.startsWith('replay-')).map(({ file, state }) => [file, state]);
    assert.deepEqual(found.toSorted(), wanted.toSorted());
    assert.equal(runs.length, wanted.length + 2, 'and the bundled scene, and a copy of it');
    const text = lines.join('\n');
    assert.match(text, /09:30 {2}INVALID \S+\/damaged\.tfrecord: record \d+ at byte \d+ is damaged/);
    assert.match(text, /19:10 {2}DUPLICATE \S+\/LC08-scene-1-again\.tfrecord: the same bytes as run /);
    assert.match(text, /10:10 {2}EMPTY \S+\/blank\.tfrecord: all of its 36 chips are blank\./);
  });

  test('the run of a file that a user drops meanwhile is shown when it ends; those of the fifteen days are in their table alone', () => {
    const text = lines.join('\n');
    assert.match(text, /\nmine\.tfrecord +\w{8} +DUPLICATE [^\n]*\n\nDUPLICATE mine\.tfrecord: .*\nThat took /s);
    assert.doesNotMatch(text, /\nreplay-seed-1/);
  });

  test('all that is measured and shown has numbers', async () => {
    const store = await openMetricStore(inFolder('metrics.jsonl'), new Date());
    const panels = dashboardOf(observedParameters(), [classificationShown]).flatMap((group) => group.panels);
    const ours = panels
      .flatMap((panel) => ('series' in panel ? panel.series : []))
      .filter(({ metric }) => metric.namespace === NAMESPACE && !OF_OTHERS.metrics.includes(metric.name));
    assert.ok(ours.length > 10);
    for (const series of ours) assert.ok(await hasNumbers(store, series), JSON.stringify(series.metric));
    const published = new Set(publishedNames(inFolder('metrics.jsonl')));
    assert.deepEqual(
      [...Object.keys(ofAll), ...Object.keys(classificationShown.metrics)].filter((name) => !published.has(name)),
      OF_OTHERS.metrics,
    );
  });

  test('a second start of the folder says so and replays nothing', async () => {
    running.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
    running = startSwath(['start'], cwd);
    await running.says(/Ctrl-C stops\.\n/);
    const dates = [...days.keys()];
    assert.match(
      running.output.stdout,
      new RegExp(`\nThe fifteen days, ${dates[0]} to ${dates[14]}, were replayed into this folder before\\.\n`),
    );
    assert.doesNotMatch(running.output.stdout, /part-r-00012/);
    running.kill('SIGINT');
    await running.ended;
  });
});

test("a folder with the user's own files does not get the demonstration", async () => {
  const stack = await startStack({ dataDir: temporaryFolder(), command: 'a test' });
  try {
    writeFileSync(join(stack.folder.inbox, 'mine'), 'no scene');
    const { obstacle } = await prepareDemonstration(stack);
    assert.match(obstacle!, /^This folder has files of its own, .* npm start -- --data-dir demonstration$/);
  } finally {
    await stack.close();
  }
});

async function hasNumbers(store: MetricStore, { metric, each, statistic }: Series): Promise<boolean> {
  if (each !== undefined) return (await store.valuesOf(metric, each)).length > 0;
  const to = new Date();
  const from = new Date(to.getTime() - 20 * 86_400_000);
  return (await store.read({ metric, statistic, periodSeconds: 300, from, to })).length > 0;
}

function publishedNames(file: string): string[] {
  const samples = readFileSync(file, 'utf8').trimEnd().split('\n');
  return samples
    .map((line) => JSON.parse(line))
    .flatMap(({ namespace, name }) => (namespace === NAMESPACE ? [name] : []));
}
