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
    says: 'when it came into that state, UTC',
    of: ({ changed }) => new Date(changed),
  },
  { name: 'claimed', type: 'TIMESTAMP', says: 'when it was begun, UTC', of: ({ claimedAt }) => new Date(claimedAt) },
  { name: 'chips', type: 'INT32', says: 'chips in the file', of: ({ chips }) => chips },
  { name: 'blank', type: 'INT32', says: 'of these, blank ones, which no model sees', of: ({ blank }) => blank },
  {
    name: 'missing',
    type: 'INT32',
    says: 'chips that the model had no finite number for',
    of: ({ missing }) => missing,
  },
  { name: 'parts', type: 'INT32', says: 'parts that it was classified in', of: ({ parts }) => parts },
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
  { name: 'attempts', type: 'INT32', says: 'how often it was tried', of: ({ attempt }) => attempt },
  { name: 'is_final', type: 'BOOLEAN', says: 'whether it is not to be tried again by itself', of: isFinal },
  { name: 'error', type: 'STRING', says: 'the name of what went wrong', of: ({ error }) => error?.name },
  { name: 'error_step', type: 'STRING', says: 'the step that it went wrong in', of: ({ error }) => error?.step },
  { name: 'error_message', type: 'STRING', says: 'the same in a sentence', of: ({ error }) => error?.message },
  {
    name: 'duplicate_of',
    type: 'STRING',
    says: 'the run of the same bytes, which counts',
    of: ({ duplicateOf }) => duplicateOf,
  },
  { name: 'batch', type: 'STRING', says: 'the batch that a bulk file came with', of: ({ batch }) => batch },
  { name: 'execution', type: 'STRING', says: 'of the state machine', of: ({ execution }) => execution },
];

export const runsTable: Table = {
  name: 'runs',
  says: 'a row for each run of a closed day, as the last sweep has found it',
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
