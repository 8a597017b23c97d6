import { timeOf } from '../base/time/acquired.ts';
import { numbersOf } from '../drift/totals.ts';
import { hasFailedForGood, type LedgerRow } from '../ledger/ledgerRow.ts';
import { isRunning } from '../ledger/states.ts';
import { summaryIn } from '../tasks/registry.ts';
import { asTableColumn, type Cell, cellsOf, DATE, type FilledColumn, type Table } from './table.ts';

const COLUMNS: readonly FilledColumn<LedgerRow>[] = [
  ['run', 'STRING', "the run's id", ({ run }) => run],
  ['file', 'STRING', "the scene file's key", ({ scene }) => scene.key],
  ['file_version', 'STRING', 'its version', ({ scene }) => scene.versionId],
  ['size', 'INT64', 'in bytes', ({ size }) => (size === undefined ? undefined : BigInt(size))],
  ['digest', 'STRING', 'the SHA-256 of its content', ({ digest }) => digest],
  ['model', 'STRING', "the model's name", ({ model }) => model.name],
  ['version', 'STRING', "the model's version", ({ model }) => model.version],
  ['state', 'STRING', 'such as DONE, EMPTY, DUPLICATE, INVALID, FAILED', ({ state }) => state],
  ['changed', 'TIMESTAMP', 'when it entered that state, UTC', ({ changed }) => new Date(changed)],
  ['acquired', 'TIMESTAMP', 'when the scene was acquired, UTC; NULL if not known', ({ acquired }) => timeOf(acquired)],
  ['claimed', 'TIMESTAMP', 'when it was claimed, UTC', ({ claimedAt }) => new Date(claimedAt)],
  ['chips', 'INT32', 'chips in the file', ({ chips }) => chips],
  ['blank', 'INT32', 'blank chips among these, which are not classified', ({ blank }) => blank],
  ['masked', 'INT32', 'those that clouds or an area hide; in no verdict', ({ chips, masked = 0 }) => chips && masked],
  ['missing', 'INT32', 'chips without a finite output of the model', (row) => summaryIn(row)?.missing],
  ['parts', 'INT32', 'parts that it was split into', ({ parts }) => parts],
  ['mean_probability', 'DOUBLE', 'of the predicted classes', meanProbabilityIn],
  ['drift', 'DOUBLE', 'Jensen–Shannon distance', ({ drift }) => drift?.jensenShannon],
  ['noise_floor', 'DOUBLE', 'of that distance', ({ drift }) => drift?.noiseFloor],
  ['verdict', 'STRING', 'drift, no drift, not enough data', ({ drift }) => drift?.verdict],
  ['preprocess_ms', 'DOUBLE', 'milliseconds of the step', ({ milliseconds }) => milliseconds?.preprocess],
  ['infer_ms', 'DOUBLE', 'milliseconds of the step', ({ milliseconds }) => milliseconds?.infer],
  ['drift_ms', 'DOUBLE', 'milliseconds of the step', ({ milliseconds }) => milliseconds?.drift],
  ['total_ms', 'DOUBLE', 'milliseconds from claim to end', ({ milliseconds }) => milliseconds?.total],
  ['attempts', 'INT32', 'the number of attempts', ({ attempt }) => attempt],
  ['is_final', 'BOOLEAN', 'whether it will not be retried automatically', isFinal],
  ['error', 'STRING', 'the name of the error', ({ error }) => error?.name],
  ['error_step', 'STRING', 'the step that failed', ({ error }) => error?.step],
  ['error_message', 'STRING', 'the error message', ({ error }) => error?.message],
  ['duplicate_of', 'STRING', 'the run that counts the same bytes', ({ duplicateOf }) => duplicateOf],
  ['batch', 'STRING', 'the batch that a bulk file came with', ({ batch }) => batch],
  ['execution', 'STRING', 'of the state machine', ({ execution }) => execution],
];

export const runsTable: Table = {
  name: 'runs',
  says: 'one row per run of a closed day, as of the last sweep',
  partitions: [DATE],
  columns: COLUMNS.map(asTableColumn),
};

export const cellsOfRun = (row: LedgerRow): Cell[] => cellsOf(COLUMNS, row);

function meanProbabilityIn(row: LedgerRow) {
  const sum = summaryIn(row);
  return sum && numbersOf(sum).meanProbability;
}

function isFinal(row: LedgerRow): boolean {
  return row.state === 'FAILED' ? hasFailedForGood(row) : !isRunning(row.state);
}
