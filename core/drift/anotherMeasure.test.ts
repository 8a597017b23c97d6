import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as z from 'zod';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import type { Expected } from '../measures/expected.ts';
import { EXPECTED } from '../measures/expectedRegistry.ts';
import type { Measure } from '../measures/measure.ts';
import { lookAtChips, MEASURES, measuresInRow } from '../measures/registry.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { findCause, movers } from './cause.ts';
import { withEnds } from './segments.ts';
import { addTotals, sumsOf, totalsOfRun } from './totals.ts';
import { datumsOf, judgeDrift } from './window.ts';

/** The highest value of any chip, of which the package is taken to say that it stays below 100. */
type Peak = { peak: number };
const peaks: Measure<Peak> = {
  schema: z.object({ peak: z.number() }),
  zero: { peak: 0 },
  add: (a, b) => ({ peak: Math.max(a.peak, b.peak) }),
  look: () => {
    let peak = 0;
    return {
      at: ({ planes }) => {
        peak = Math.max(peak, ...planes.flatMap((plane) => [...plane]));
      },
      sum: () => ({ peak }),
    };
  },
  row: {
    write: ({ peak }) => ({ peak: `${peak}` }),
    read: ({ peak = '0' }: { peak?: string }) => ({ peak: Number(peak) }),
  },
  datums: ({ peak }) => [{ metric: 'Peak', value: peak }],
};

const peaksExpected: Expected<Peak, { peakVerdict: 'drift' | 'no drift' }> = {
  judge: ({ peak }) => ({ peakVerdict: peak > 100 ? 'drift' : 'no drift' }),
  verdicts: ({ peakVerdict }) => (peakVerdict ? [peakVerdict] : []),
  onlyOfDays: ['peakVerdict'],
  alarmed: 'Peak',
  datums: () => [],
  mover: () => ({ sentence: 'The peak moved.', pull: ({ peak }) => peak, there: ({ peak }) => `${peak}` }),
};

const model = await readModelPackage(readBaselineFile);

/** A run with one chip of this value, as its row holds it; its predictions are those of the reference. */
function runWith(value: number) {
  const look = lookAtChips(model);
  look.at({ place: { index: 0, kind: 'index' }, planes: [Uint8Array.of(value)], truth: null }, false);
  const counts = model.task.reference(model).map(({ count }) => count);
  return { run: `of ${value}`, ...measuresInRow(look.sum()), ...storedCounts(counts) };
}

describe('another measure, which has its lines in the registries and nothing else', () => {
  before(() => {
    MEASURES.push(peaks);
    EXPECTED.push(peaksExpected);
  });
  after(() => {
    MEASURES.pop();
    EXPECTED.pop();
  });

  it('is stored with runs, adds up, is judged and published, and says what moved', async () => {
    const runs = [runWith(7), runWith(250)];
    const totals = runs.map((run) => totalsOfRun(run)).reduce(addTotals);
    assert.equal(sumsOf(totals)['peak'], 250);
    const judgement = judgeDrift(totals, model, { threshold: 0.25, minimum: 1 });
    assert.equal(judgement.drift?.verdict, 'no drift');
    const published = datumsOf(judgement, model, model, 'recent').filter(({ metric }) => String(metric) === 'Peak');
    assert.deepEqual(
      published.map(({ value }) => value),
      [250],
    );
    const said = await movers(judgement, model, runs, ({ run }) => run);
    assert.equal(said.at(-1), 'The peak moved. The file of 250 contributed most: 250.');
    assert.ok(await findCause({ days: async () => [] }, '2026-03-01', judgement, model), 'its cause is looked for');
    const ends = withEnds([], [], model, 0.25).map(({ metric }) => String(metric));
    assert.deepEqual(ends, ['Drift', 'BandDrift', 'Peak'], 'its alarm ends as well');
  });
});
