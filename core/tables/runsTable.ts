import { hasFailedForGood, type LedgerRow } from '../ledger/ledgerRow.ts';
import type { Cell, Table, TableColumn } from './table.ts';

type RunColumn = TableColumn & { readonly of: (row: LedgerRow) => Cell | undefined };

const COLUMNS: readonly RunColumn[] = [
  { name: 'run', type: 'STRING', says: "the run's id", of: ({ run }) => run },
  { name: 'file', type: 'STRING', says: "the scene file's key", of: ({ scene }) => scene.key },
  { name: 'file_version', type: 'STRING', says: 'its version', of: ({ scene }) => scene.versionId },
  { name: 'size', type: 'INT64', says: 'in bytes', of: ({ size }) => bigOf(size) },
  { name: 'digest', type: 'STRING', says: 'the SHA-256 of its content', of: ({ digest }) => digest },
  { name: 'model', type: 'STRING', says: "the model's name", of: ({ model }) => model.name },
  { name: 'version', type: 'STRING', says: "the model's version", of: ({ model }) => model.version },
  { name: 'state', type: 'STRING', says: 'such as DONE, EMPTY, DUPLICATE, INVALID, FAILED', of: ({ state }) => state },
  {
    name: 'changed',
    type: 'TIMESTAMP',
    says: 'when it entered that state, UTC',
    of: ({ changed }) => new Date(changed),
  },
  { name: 'claimed', type: 'TIMESTAMP', says: 'when it was claimed, UTC', of: ({ claimedAt }) => new Date(claimedAt) },
  { name: 'chips', type: 'INT32', says: 'chips in the file', of: ({ chips }) => chips },
  { name: 'blank', type: 'INT32', says: 'blank chips among these, which are not classified', of: ({ blank }) => blank },
  {
    name: 'missing',
    type: 'INT32',
    says: 'chips without a finite output of the model',
    of: ({ missing }) => missing,
  },
  { name: 'parts', type: 'INT32', says: 'parts that it was split into', of: ({ parts }) => parts },
  {
    name: 'mean_probability',
    type: 'DOUBLE',
    says: 'of the predicted classes',
    of: ({ meanProbability }) => meanProbability,
  },
  { name: 'drift', type: 'DOUBLE', says: 'Jensen–Shannon distance', of: ({ drift }) => drift?.jensenShannon },
  { name: 'noise_floor', type: 'DOUBLE', says: 'of that distance', of: ({ drift }) => drift?.noiseFloor },
  { name: 'verdict', type: 'STRING', says: 'drift, no drift, not enough data', of: ({ drift }) => drift?.verdict },
  {
    name: 'preprocess_ms',
    type: 'DOUBLE',
    says: 'milliseconds of the step',
    of: ({ milliseconds }) => milliseconds?.preprocess,
  },
  { name: 'infer_ms', type: 'DOUBLE', says: 'milliseconds of the step', of: ({ milliseconds }) => milliseconds?.infer },
  { name: 'drift_ms', type: 'DOUBLE', says: 'milliseconds of the step', of: ({ milliseconds }) => milliseconds?.drift },
  {
    name: 'total_ms',
    type: 'DOUBLE',
    says: 'milliseconds from claim to end',
    of: ({ milliseconds }) => milliseconds?.total,
  },
  { name: 'attempts', type: 'INT32', says: 'the number of attempts', of: ({ attempt }) => attempt },
  { name: 'is_final', type: 'BOOLEAN', says: 'whether it will not be retried automatically', of: isFinal },
  { name: 'error', type: 'STRING', says: 'the name of the error', of: ({ error }) => error?.name },
  { name: 'error_step', type: 'STRING', says: 'the step that failed', of: ({ error }) => error?.step },
  { name: 'error_message', type: 'STRING', says: 'the error message', of: ({ error }) => error?.message },
  {
    name: 'duplicate_of',
    type: 'STRING',
    says: 'the run that counts the same bytes',
    of: ({ duplicateOf }) => duplicateOf,
  },
  { name: 'batch', type: 'STRING', says: 'the batch that a bulk file came with', of: ({ batch }) => batch },
  { name: 'execution', type: 'STRING', says: 'of the state machine', of: ({ execution }) => execution },
];

export const runsTable: Table = {
  name: 'runs',
  says: 'one row per run of a closed day, as of the last sweep',
  partitions: [{ name: 'date', says: 'the UTC day on which the file arrived' }],
  columns: COLUMNS.map(({ name, type, says }) => ({ name, type, says })),
};

/** Returns the row of a run, in column order. */
export function cellsOfRun(row: LedgerRow): Cell[] {
  return COLUMNS.map(({ of }) => of(row) ?? null);
}

function isFinal(row: LedgerRow): boolean {
  return row.state === 'FAILED' ? hasFailedForGood(row) : !['CLAIMED', 'PREPARED', 'PREDICTED'].includes(row.state);
}

function bigOf(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
