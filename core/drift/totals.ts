import type { CountedRun } from '../ledger/ledgerItem.ts';
import { bandsIn } from '../measures/bands/inRow.ts';
import { type Measured, measured } from '../measures/registry.ts';
import type { ModelPackage } from '../models/package.ts';
import { chipsIn, taskOf, taskOfSum } from '../tasks/registry.ts';
import { ofRow } from '../tasks/stored.ts';
import type { Summed } from '../tasks/task.ts';

/**
 * The sums that a window's numbers are computed from: those of the measures and of the task over its runs, which add up
 * across windows.
 */
export type Totals = Measured & Summed;

export function noTotals(model: ModelPackage): Totals {
  return { ...measured(({ zero }) => zero), ...taskOf(model).summary.zero(model) };
}

/** Returns a run's sums; what its row lacks is 0. */
export function totalsOfRun(row: { [Field in keyof Sums]?: Sums[Field] | undefined }): Totals {
  const { chips = 0, blank = 0, classes = [], missing = 0, probabilitySum = 0 } = row;
  const run = { chips, blank, classes, missing, probabilitySum };
  return { ...totalsWithoutBands(run), ...bandsIn(run) };
}

type Sums = Omit<CountedRun, 'run' | 'model'>;

/** Returns a run's sums for readers that only need predictions. */
export function totalsWithoutBands(run: Sums): Totals {
  // Parsing the bands' text validates its sums already; checking each number again would double the time.
  const { bands: _, ...row } = run as { bands?: unknown }; // a row that is not done has them in an attribute
  return { ...measured(({ schema }) => schema.parse(row)), ...ofRow(run) };
}

/** Sums with the number of their runs. */
export type TotalsOfRuns = Totals & { runs: number };

/** Adds a run; returns that run's alone if there is no sum yet. */
export function withRun(sum: TotalsOfRuns | undefined, run: CountedRun): TotalsOfRuns {
  return withTotals(sum, totalsOfRun(run));
}

/** Adds a run whose sums are already computed. */
export function withTotals(sum: TotalsOfRuns | undefined, own: Totals): TotalsOfRuns {
  return { ...(sum === undefined ? own : addTotals(sum, own)), runs: (sum?.runs ?? 0) + 1 };
}

export function addTotals(a: Totals, b: Totals): Totals {
  return { ...measured(({ add }) => add(a, b)), ...taskOfSum(a).summary.add(a, b) };
}

export function sumsOf(totals: Totals): Totals {
  const { summary } = taskOfSum(totals);
  return { ...measured(({ schema }) => schema.parse(totals)), ...summary.schema.parse(totals) };
}

/** Returns the number of chips with a prediction in one run. */
export function predictionsOfRun(run: Pick<CountedRun, 'classes' | 'missing' | 'probabilitySum'>): number {
  return predictionsIn(ofRow(run));
}

/** Returns the number of chips with a prediction: the n of a drift score. */
export function predictionsIn(sum: Summed): number {
  return chipsIn(taskOfSum(sum), sum);
}
