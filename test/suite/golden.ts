import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { namedIn } from '../../core/tasks/registry.ts';
import { numbersIn } from '../benches/summaries.ts';
import type { Prediction } from '../predictions.ts';

/** What golden.py answers for the bundled shard, by a package's bands. */
type Golden = {
  sha256: string;
  chips: number;
  /** The records that are not blank, in the file's order. */
  records: { index: number; offset: number; length: number; truth: number }[];
  models: Record<'baseline' | 'NDVI, NDMI' | 'NDVI, NDMI, EVI', GoldenModel>;
};
type GoldenModel = {
  classes: Record<string, number>;
  meanProbability: number;
  drift: Omit<NonNullable<LedgerRow['drift']>, 'verdict'>;
  predictions: { class: string; probabilities: number[] }[];
};

export const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/droughtwatch.vectors.json', import.meta.url), 'utf8'),
);

/** Builds of onnxruntime differ by less than this. */
const BETWEEN_BUILDS = 1e-5;

/** The predictions of the shard's chips that are not blank, in its order, against the golden ones. */
export function assertGolden(rows: Prediction[], { predictions }: GoldenModel): void {
  assert.equal(rows.length, predictions.length);
  for (const [i, row] of rows.entries()) {
    const wanted = predictions[i]!;
    const got = wanted.probabilities.map((_, value) => Number(row[`p_${value}`]));
    const isNear = got.every((value, at) => Math.abs(value - wanted.probabilities[at]!) <= BETWEEN_BUILDS);
    assert.ok(isNear, `record ${row.index}: found ${got}, wanted ${wanted.probabilities}`);
    assert.equal(row.class, wanted.class, `record ${row.index}`);
  }
}

/** A run of the shard in the ledger, against the golden numbers. */
export function assertGoldenRun(row: LedgerRow, wanted: GoldenModel): void {
  const { chiSquare, ...scores } = row.drift ?? assert.fail(`${row.state}: ${row.error?.message}`);
  assert.deepEqual(Object.fromEntries(namedIn(row).map(({ name, count }) => [name, count])), wanted.classes);
  assert.ok(Math.abs(numbersIn(row).meanProbability! - wanted.meanProbability) <= BETWEEN_BUILDS);
  for (const score of ['jensenShannon', 'psi', 'noiseFloor', 'n'] as const)
    assert.ok(Math.abs(scores[score] - wanted.drift[score]) <= 1e-12, `${score}: found ${scores[score]}`);
  for (const number of ['statistic', 'degreesOfFreedom', 'pValue'] as const) {
    const exact = wanted.drift.chiSquare[number]!;
    const isNear = Math.abs(chiSquare[number]! - exact) <= exact * (number === 'pValue' ? 1e-9 : 1e-12);
    assert.ok(isNear, `${number}: found ${chiSquare[number]}, wanted ${exact}`);
  }
}
