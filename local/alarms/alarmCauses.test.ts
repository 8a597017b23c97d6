import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelRef } from '../../core/base/messages.ts';
import type { DayRow } from '../../core/drift/metricsTable.ts';
import { sumOf } from '../../core/drift/segments.ts';
import { judgeDrift } from '../../core/drift/window.ts';
import type { EndedRun } from '../../core/ledger/ledgerItem.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { alarmCauses } from './alarmCauses.ts';

const ref = { name: 'model', version: '1.0.0' };
const model: ModelPackage = {
  ...modelOf([{ name: 'water', value: 0 }]),
  reference: [100],
  expectedAccuracy: 0.9,
  segments: { sensor: ['S2?'] },
};
const parameters = { driftThreshold: 0.25, driftMinimum: 1, driftWindow: 500, falseAlarmsPerYear: 4 };

/** A run whose chips all have a known truth. */
function runOf(key: string, right: number): EndedRun {
  const scene = { bucket: 'inbox', key, versionId: 'v' } as const;
  const told = { names: ['water'], truths: [200], right: [right] };
  const counted = { chips: 200, blank: 0, ...storedCounts([200], told) };
  return { run: key, model: ref, scene, changed: '2026-03-01T10:00:00Z', ...counted };
}

for (const before of [[], ['1.0.0']])
  test(`the e-mail on an accuracy below the expected one names the days and the segments that miss it, the day judged last first${before.length === 0 ? '' : ', of a version before'}`, async () => {
    const runs = new Map([
      ['2026-03-01', [runOf('S2A.tif', 120), runOf('S2B.tif', 120)]],
      ['2026-03-02', [runOf('S2A.tif', 195), runOf('S2B.tif', 160)]],
      ['2026-03-03', [runOf('S2A.tif', 180), runOf('S2B.tif', 180)]],
    ]);
    const rows = [...runs].map(([day, own], i): DayRow => {
      const judgement = judgeDrift(sumOf(own, model), model, { threshold: 0.25, minimum: 1 });
      return { day, revision: 1, runs: own.length, judgement, cutOff: `2026-03-0${i === 0 ? 9 : 4}T00:15:00.000Z` };
    });
    const ledger = {
      async *ofDay(day: string) {
        yield* runs.get(day) ?? [];
      },
    };
    const promotion = { ...ref, before, replaced: null, ...(before.length > 0 && { version: '2.0.0' }) };
    const ports = {
      ledger,
      models: { promotion: async () => promotion, load: async () => model },
      metrics: { days: async ({ version }: ModelRef) => (version === ref.version ? rows : []) },
      parameters,
      now: () => new Date('2026-03-09T00:20:00Z'),
    };
    const alarm = { id: 'accuracy-below', periodSeconds: 60, evaluationPeriods: 1 };
    assert.deepEqual(await alarmCauses(ports as never, alarm as never), [
      'Right on 2026-03-01: 60 % of 400 (55 % to 65 %), below the expected.',
      'Right on 2026-03-01, within sensor S2A: 60 % of 200 (53 % to 67 %), below the expected.',
      'Right on 2026-03-01, within sensor S2B: 60 % of 200 (53 % to 67 %), below the expected.',
      'Right on 2026-03-02, within sensor S2B: 80 % of 200 (74 % to 85 %), below the expected.',
    ]);
  });
