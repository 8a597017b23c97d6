import type { DayRow } from '../drift/metricsTable.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ModelRef } from '../messages.ts';
import { taskOfSum } from '../tasks/registry.ts';
import { summaryIn } from '../tasks/stored.ts';
import type { Summed } from '../tasks/task.ts';
import type { Cell, Table, TableColumn } from './table.ts';

/** The source of a row: a model version's day, or one of its runs. */
type Window = { model: ModelRef } & (
  | { window: 'day'; day: DayRow; numbers: Numbers }
  | { window: 'run'; run: string; numbers: Numbers }
);
type Numbers = Pick<LedgerRow, 'chips' | 'blank' | 'mostCommonShare' | 'missingShare' | 'meanProbability' | 'drift'> & {
  n?: number;
  summary: Summed;
};

type MetricColumn = TableColumn & { readonly of: (window: Window) => Cell | undefined };

const COLUMNS: readonly MetricColumn[] = [
  { name: 'model', type: 'STRING', says: "the model's name", of: ({ model }) => model.name },
  { name: 'version', type: 'STRING', says: "the model's version", of: ({ model }) => model.version },
  { name: 'window', type: 'STRING', says: 'day, or run', of: ({ window }) => window },
  { name: 'run', type: 'STRING', says: 'the run; NULL for a day', of: (of) => (of.window === 'run' ? of.run : null) },
  {
    name: 'revision',
    type: 'INT32',
    says: 'of the day, the latest',
    of: (of) => (of.window === 'day' ? of.day.revision : null),
  },
  { name: 'runs', type: 'INT32', says: 'that the day counts', of: (of) => (of.window === 'day' ? of.day.runs : null) },
  {
    name: 'task',
    type: 'STRING',
    says: 'such as classification',
    of: ({ numbers }) => taskOfSum(numbers.summary).name,
  },
  { name: 'chips', type: 'INT32', says: 'chips in the files', of: ({ numbers }) => numbers.chips },
  { name: 'blank', type: 'INT32', says: 'of these, blank ones', of: ({ numbers }) => numbers.blank },
  {
    name: 'predictions',
    type: 'INT32',
    says: 'that the scores are of',
    of: ({ numbers }) => numbers.n ?? numbers.drift?.n,
  },
  {
    name: 'missing_share',
    type: 'DOUBLE',
    says: 'of chips without a finite number',
    of: ({ numbers }) => numbers.missingShare,
  },
  {
    name: 'most_common_share',
    type: 'DOUBLE',
    says: 'of the most common class',
    of: ({ numbers }) => numbers.mostCommonShare,
  },
  {
    name: 'mean_probability',
    type: 'DOUBLE',
    says: 'of the predicted classes',
    of: ({ numbers }) => numbers.meanProbability,
  },
  {
    name: 'accuracy',
    type: 'DOUBLE',
    says: 'share of right predictions, among those with a known truth',
    of: accuracyOf,
  },
  { name: 'drift', type: 'DOUBLE', says: 'Jensen–Shannon distance', of: ({ numbers }) => numbers.drift?.jensenShannon },
  { name: 'noise_floor', type: 'DOUBLE', says: 'of that distance', of: ({ numbers }) => numbers.drift?.noiseFloor },
  { name: 'psi', type: 'DOUBLE', says: 'population stability index', of: ({ numbers }) => numbers.drift?.psi },
  { name: 'chi_square', type: 'DOUBLE', says: 'statistic', of: ({ numbers }) => numbers.drift?.chiSquare.statistic },
  { name: 'p_value', type: 'DOUBLE', says: 'of chi-square', of: ({ numbers }) => numbers.drift?.chiSquare.pValue },
  {
    name: 'verdict',
    type: 'STRING',
    says: 'drift, no drift, not enough data',
    of: ({ numbers }) => numbers.drift?.verdict,
  },
  {
    name: 'summary',
    type: 'STRING',
    says: 'all sums, as JSON',
    of: ({ numbers }) => JSON.stringify(numbers.summary),
  },
];

export const metricsTable: Table = {
  name: 'metrics',
  says: "a row for each model version's closed day, and for each of its runs",
  partitions: [{ name: 'date', says: 'the UTC day on which the files arrived' }],
  columns: COLUMNS.map(({ name, type, says }) => ({ name, type, says })),
};

/** Returns the row of a model version's day, in column order. */
export function cellsOfDay(model: ModelRef, day: DayRow): Cell[] {
  const { judgement } = day;
  const summary = taskOfSum(judgement).summary.schema.parse(judgement);
  const numbers = { ...(judgement as unknown as Omit<Numbers, 'summary'>), summary };
  return COLUMNS.map(({ of }) => of({ model, window: 'day', day, numbers }) ?? null);
}

/** Returns the row of a counted run; null for a run without numbers. */
export function cellsOfRunWindow(row: LedgerRow): Cell[] | null {
  const summary = summaryIn(row);
  if (summary === undefined || row.state !== 'DONE') return null;
  return COLUMNS.map(
    ({ of }) => of({ model: row.model, window: 'run', run: row.run, numbers: { ...row, summary } }) ?? null,
  );
}

function accuracyOf({ numbers: { summary } }: Window): number | null {
  return taskOfSum(summary).accuracy?.(summary) ?? null;
}
