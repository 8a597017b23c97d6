import type { ModelRef } from '../base/messages.ts';
import type { DayRow } from '../drift/metricsTable.ts';
import { numbersOf } from '../drift/totals.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { Summed } from '../package/task.ts';
import { accuracyIn, summaryIn, taskOfSum } from '../tasks/registry.ts';
import { asTableColumn, type Cell, cellsOf, type FilledColumn, type Table } from './table.ts';

/** The source of a row: a model version's day, or one of its runs. */
type Window = Pick<LedgerRow, 'model' | 'chips' | 'blank' | 'drift'> &
  ReturnType<typeof numbersOf> & { summary: Summed } & Source;
type Source = { window: 'day'; day: DayRow } | { window: 'run'; run: string };

const COLUMNS: readonly FilledColumn<Window>[] = [
  ['model', 'STRING', "the model's name", ({ model }) => model.name],
  ['version', 'STRING', "the model's version", ({ model }) => model.version],
  ['window', 'STRING', 'day, or run', ({ window }) => window],
  ['run', 'STRING', 'the run; NULL for a day', (of) => (of.window === 'run' ? of.run : null)],
  ['revision', 'INT32', 'of the day, the latest', (of) => (of.window === 'day' ? of.day.revision : null)],
  ['runs', 'INT32', 'that the day counts', (of) => (of.window === 'day' ? of.day.runs : null)],
  ['task', 'STRING', 'such as classification', ({ summary }) => taskOfSum(summary).name],
  ['chips', 'INT32', 'chips in the files', ({ chips }) => chips],
  ['blank', 'INT32', 'of these, blank ones', ({ blank }) => blank],
  ['predictions', 'INT32', 'that the scores are of', ({ n }) => n],
  ['missing_share', 'DOUBLE', 'of chips without a finite number', ({ missingShare }) => missingShare],
  ['most_common_share', 'DOUBLE', 'of the most common class', ({ mostCommonShare }) => mostCommonShare],
  ['mean_probability', 'DOUBLE', 'of the predicted classes', ({ meanProbability }) => meanProbability],
  ['accuracy', 'DOUBLE', 'share of right predictions, among those with a known truth', (of) => accuracyIn(of.summary)],
  ['drift', 'DOUBLE', 'Jensen–Shannon distance', ({ drift }) => drift?.jensenShannon],
  ['noise_floor', 'DOUBLE', 'of that distance', ({ drift }) => drift?.noiseFloor],
  ['psi', 'DOUBLE', 'population stability index', ({ drift }) => drift?.psi],
  ['chi_square', 'DOUBLE', 'statistic', ({ drift }) => drift?.chiSquare.statistic],
  ['p_value', 'DOUBLE', 'of chi-square', ({ drift }) => drift?.chiSquare.pValue],
  ['verdict', 'STRING', 'drift, no drift, not enough data', ({ drift }) => drift?.verdict],
  ['summary', 'STRING', 'all sums, as JSON', ({ summary }) => JSON.stringify(summary)],
];

export const metricsTable: Table = {
  name: 'metrics',
  says: "a row for each model version's closed day, and for each of its runs",
  partitions: [{ name: 'date', says: 'the UTC day on which the files arrived' }],
  columns: COLUMNS.map(asTableColumn),
};

/** Returns the row of a model version's day, in column order. */
export function cellsOfDay(model: ModelRef, day: DayRow): Cell[] {
  const { judgement } = day;
  const summary = taskOfSum(judgement).summary.schema.parse(judgement);
  const { chips, blank, drift } = judgement;
  return cellsOf(COLUMNS, { window: 'day', day, model, chips, blank, drift, summary, ...numbersOf(summary) });
}

/** Returns the row of a counted run; null for a run without numbers. */
export function cellsOfRunWindow(row: LedgerRow): Cell[] | null {
  const summary = summaryIn(row);
  if (summary === undefined || row.state !== 'DONE') return null;
  return cellsOf(COLUMNS, { window: 'run', ...row, summary, ...numbersOf(summary) });
}
