import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmsOf } from '../../observability/alarms.ts';
import { alarmCauses } from './alarmCauses.ts';
import { alarmEmail } from './alarmEmail.ts';
import { observedParameters } from './observing.ts';

const at = '2026-03-01T10:00:00.000Z';
const alarm = alarmsOf(observedParameters()).find(({ id }) => id === 'failed-runs')!;
const state = {
  id: alarm.id,
  name: 'swath-local-failed-runs',
  state: 'ALARM',
  since: at,
  reason: '3 is too many.',
} as const;

describe("an alarm's e-mail", () => {
  test('names the files, the number and since when, and leads to the console and the runbook', () => {
    const causes = ['north/a (run r1): DiskFull: no room', 'b'];
    const { text } = alarmEmail(alarm, 'OK', state, { causes, url: 'http://localhost:8000/' });
    assert.match(text, /\n\nIn particular:\n\n- north\/a \(run r1\): DiskFull: no room\n- b\n\n/);
    assert.match(text, /\n- Time: +2026-03-01T10:00:00\.000Z\n/);
    const flowing = text.replaceAll('\n', ' ');
    assert.match(flowing, / 3 is too many\. /);
    assert.match(
      flowing,
      /Console: http:\/\/localhost:8000\/#\/runs\?state=FAILED\. Runbook: http:\/\/localhost:8000\/#\/runbook\/failed-runs /,
    );
  });

  test('where no console is up, it names the command that serves one', () => {
    const flowing = alarmEmail(alarm, 'OK', state).text.replaceAll('\n', ' ');
    assert.match(flowing, /Console: npx swath console, then #\/runs\?state=FAILED at its address\. Runbook: /);
    assert.doesNotMatch(flowing, /In particular:/);
  });

  test('its commands name the data folder, unless it is the usual one', () => {
    const here = alarmsOf(observedParameters(undefined, 'my data')).find(({ id }) => id === 'failed-runs')!;
    const flowing = alarmEmail(here, 'OK', state).text.replaceAll('\n', ' ');
    assert.match(flowing, /\(npx swath runs --state FAILED --data-dir 'my data'\)/);
    assert.match(flowing, /\(npx swath retry RUN --data-dir 'my data'\)/);
    assert.match(flowing, /Console: npx swath console --data-dir 'my data', then #\/runs/);
  });
});

describe('the files that an alarm is about', () => {
  const row = {
    run: 'r1',
    scene: { bucket: 'inbox', key: 'north/a', versionId: 'v' },
    state: 'FAILED',
    changed: at,
    error: { name: 'DiskFull', message: 'No room.', step: 'Infer', attempt: 1, at },
  };
  const asked: unknown[] = [];
  const ledger = { byState: async (...question: unknown[]) => ({ rows: [row], asked: asked.push(question) }) };
  const ports = {
    ledger: ledger as never,
    models: { promotion: async () => null } as never,
    metrics: { days: async () => [] },
    parameters: observedParameters(),
    now: () => new Date(at),
  };

  test('are those of its state, as far back as it looks', async () => {
    assert.deepEqual(await alarmCauses(ports, alarm), [`north/a (run r1, ${at}): DiskFull: No room.`]);
    assert.partialDeepStrictEqual(asked, [['FAILED', { since: new Date('2026-03-01T09:00:00Z') }]]);
  });

  test('are none where it is about no files, or no model is promoted', async () => {
    for (const id of ['no-sweep', 'drift']) assert.deepEqual(await alarmCauses(ports, { ...alarm, id }), []);
  });
});
