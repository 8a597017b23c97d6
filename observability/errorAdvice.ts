import { isUnassigned } from '../core/base/messages.ts';
import { doorOf } from '../core/ledger/doorOf.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import table from './errorAdvice.json' with { type: 'json' };

/** What to do about the errors in the ledger: for the console, `swath show` and docs/failures.md. */
type Advice = {
  errors: string[];
  /** What must be done before another attempt can succeed, as a sentence; empty if nothing. */
  first: string;
  /** Commands that do it, or show more, without `npx swath`; RUN stands for the run's id, FOLDER for its file's. */
  commands: string[];
  /** Whether another attempt is useless. */
  isOver?: boolean;
};

const ADVICE = new Map(table.flatMap((one: Advice) => one.errors.map((name) => [name, one])));
const OF_OTHERS = ADVICE.get('ExecutionLost')!;

const INVALID_REQUEST = {
  says: 'This request can never be processed. Send a corrected one, with a new id.',
  commands: ['request FILE'],
};
const INVALID_FILE = {
  says: 'This file can never be processed. Send a corrected one into the same folder of the inbox: it gets its own run.',
  commands: ['send FILE --key-prefix FOLDER'], // models may take files by their folders
};

/** What to do about a run that did not end well, and commands for that; null for any other run. */
export function adviceOnRun({ scene, state, error, model, attempt, attemptLimit }: LedgerRow) {
  if (state === 'INVALID') return doorOf(scene) === 'queue' ? INVALID_REQUEST : INVALID_FILE;
  if (state !== 'FAILED') return null;
  const name = isUnassigned(model) ? 'NoModelPromoted' : (error?.name ?? '');
  const { first, commands, isOver } = ADVICE.get(name) ?? OF_OTHERS;
  if (isUnassigned(model) || isOver === true) return { says: first, commands };
  const again =
    attempt < attemptLimit
      ? `The next sweep retries it (attempt ${attempt + 1} of ${attemptLimit}); a retry does so now.`
      : `Its ${attemptLimit === 1 ? 'attempt is' : `${attemptLimit} attempts are`} used up, so no sweep retries it: fix the cause, then retry it.`;
  return { says: `${first} ${again}`.trim(), commands: [...commands, 'retry RUN'] };
}
