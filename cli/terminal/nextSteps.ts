import type { ExecutionStatus } from '../../core/base/executions.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { folderOf } from '../../core/scenes/sentKey.ts';
import { adviceOnRun } from '../../observability/errorAdvice.ts';
import { commandFor, quoted, type Where } from '../service/where.ts';
import { COLUMNS, dim, printable, wrapped } from './output.ts';

export type Known = {
  row: LedgerRow;
  /** For a `DUPLICATE`, the run that owns its bytes; null if the ledger no longer has it. */
  owner?: LedgerRow | null | undefined;
  /** For a running run, the status of its execution; null if that cannot be read. */
  execution?: ExecutionStatus | null | undefined;
  /** Whether its version was published for a trial, so that its predictions count in no day. */
  isTrial?: boolean;
  inboxPrefix: string;
  now: Date;
};

type NextSteps = [says: string, ...commands: string[]];

/** What happens next with a run, and what the user can do: sentences, and commands to copy. */
export function nextSteps(known: Known, where: Where): string[] {
  const [says, ...commands] = ofState(known);
  const { run, scene } = known.row;
  const folder = folderOf(scene.key.slice(known.inboxPrefix.length));
  const into = folder === '' ? '' : ` --key-prefix ${quoted(folder)}`;
  const filled = (command: string) => command.replace('RUN', run).replace(' --key-prefix FOLDER', () => into);
  return [
    ...wrapped(printable(says), COLUMNS - 2).map((line) => `  ${line}`),
    ...commands.map((command) => `  ${dim('$')} ${commandFor(where, filled(command))}`),
  ];
}

function ofState(known: Known): NextSteps {
  const { row } = known;
  const waits = row.state === 'FAILED' ? 'No process waits for it or retries it. ' : '';
  if (row.shadow === true) return [`Nothing. ${waits}A shadow's run counts nowhere: it is there to be compared.`];
  if (isRunning(row.state)) return ofRunning(known);
  if (row.state === 'DUPLICATE') return ofDuplicate(known);
  const advice = adviceOnRun(row);
  if (advice !== null) return [advice.says, ...advice.commands];
  if (row.state === 'EMPTY') return ['Nothing: all its chips are blank or outside of its area.'];
  if (known.isTrial === true)
    return [
      'Nothing: it is done. Its model version was published for a trial, so it counts in no day until that version is promoted.',
    ];
  return [`Nothing: it is done${row.day === undefined ? '' : `, and counts on ${row.day}`}.`];
}

function ofRunning({ row, execution, now }: Known): NextSteps {
  const log = 'logs --run RUN --since 3d';
  if (execution === null) return ['It is unknown whether its execution is still running.', `${log} --follow`];
  if (execution === undefined || execution.status === 'RUNNING')
    return ['It is in progress: its execution is running.', `${log} --follow`];
  const { error, cause } = execution;
  const why = error === undefined ? '' : ` (${error}${cause ? `: ${cause}` : ''})`;
  const how = row.attempt < row.attemptLimit ? 'settles it and retries it' : 'settles it as FAILED';
  const sweep = (row.lease ?? '') < now.toISOString() ? 'next sweep' : 'first sweep after its lease expires';
  return [`Its execution has ended without recording a result in the ledger${why}. The ${sweep} ${how}.`, 'sweep', log];
}

function ofDuplicate({ row, owner }: Known): NextSteps {
  const show = row.duplicateOf === undefined ? [] : [`show ${row.duplicateOf}`];
  if (!owner) return ['The same bytes count once, in another run.', ...show];
  if (owner.digest !== undefined && owner.digest !== row.digest)
    return ['Nothing: the file has grown since, and the longer one has its own run.', ...show];
  const said = 'The run with the same bytes';
  if (owner.state === 'INVALID') return [`${said} is INVALID: they can never be processed, under any name.`, ...show];
  if (isRunning(owner.state)) return [`${said} is on its way. If it fails, a duplicate takes its place.`, ...show];
  if (owner.state !== 'FAILED') return ['Nothing: the same bytes count once, in the run that has them.', ...show];
  return owner.attempt < owner.attemptLimit
    ? [`${said} FAILED: its duplicates are tried in its place, and the next sweep tries it again.`, ...show]
    : [`${said} FAILED for good: a duplicate takes its place, at once or with the next sweep.`, 'sweep', ...show];
}
