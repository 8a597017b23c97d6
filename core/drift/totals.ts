import type { CountedRun } from '../ledger/ledgerItem.ts';
import { bandsIn } from '../measures/bands/inRow.ts';
import { type Measured, measured } from '../measures/registry.ts';
import type { ModelPackage } from '../models/package.ts';
import { chipsIn } from '../tasks/chipsIn.ts';
import { taskOf, taskOfSum } from '../tasks/registry.ts';
import { ofRow } from '../tasks/stored.ts';
import type { Summed } from '../tasks/task.ts';

/** What a window's numbers are made of: the sums of the measures and of its task over its runs, so that windows add up. */
export type Totals = Measured & Summed;

export function noTotals(model: ModelPackage): Totals {
  return { ...measured(({ zero }) => zero), ...taskOf(model).summary.zero(model) };
}

export function totalsOfRun(run: Omit<CountedRun, 'run' | 'model'>): Totals {
  return { ...totalsWithoutBands(run), ...bandsIn(run) };
}

/** The same for whom looks at predictions alone. */
export function totalsWithoutBands(run: Omit<CountedRun, 'run' | 'model'>): Totals {
  // The sums of the bands come from their text as they are checked there: to look at each of their numbers again takes as long.
  const { bands: _, ...row } = run as { bands?: unknown }; // a row that is not done has them as an attribute
  return { ...measured(({ schema }) => schema.parse(row)), ...ofRow(run) };
}

/** The sums of so many runs. */
export type TotalsOfRuns = Totals & { runs: number };

/** With a run more; of that one alone where there were none. */
export function withRun(sum: TotalsOfRuns | undefined, run: CountedRun): TotalsOfRuns {
  return withTotals(sum, totalsOfRun(run));
}

/** The same, of a run whose sums are there. */
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

/** The same of one run, for whom asks for nothing else. */
export function predictionsOfRun(run: Pick<CountedRun, 'classes' | 'missing' | 'probabilitySum'>): number {
  return predictionsIn(ofRow(run));
}

/** The chips that there is a prediction for: the n of a drift score. */
export function predictionsIn(sum: Summed): number {
  return chipsIn(taskOfSum(sum), sum);
}
