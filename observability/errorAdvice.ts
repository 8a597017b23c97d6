import { isUnassigned } from '../core/base/run.ts';
import { doorOf } from '../core/ledger/doorOf.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';

/**
 * What to do about the errors in the ledger, by name: for the console, `swath show` and docs/failures.md.
 */
type Advice = {
  /** What must be done before another attempt can succeed, as a sentence; empty if nothing. */
  first: string;
  /** Commands that do it, or show more, without `npx swath`; RUN stands for the run's id. */
  commands: string[];
  /** Whether another attempt is useless. */
  isOver?: true;
};

const advice = (first: string, ...commands: string[]): Advice => ({ first, commands });

const CUT_OFF = advice(
  'The function ran out of time or memory: give it more of them, or send smaller files.',
  'logs --run RUN --since 3d',
);
const LOOK_AT_THE_EXECUTION = advice('', 'logs --run RUN --since 3d');

const ADVICE = new Map<string, Advice>(
  Object.entries({
    DiskFull: advice('Make room.'),
    ExecutionLost: LOOK_AT_THE_EXECUTION,
    Interrupted: advice(''),
    InvalidMessage: advice('A step was sent a message that it does not understand: deploy again.', 'doctor'),
    InvalidModelPackage: advice(
      'Publish a corrected package under a new version and promote it, or promote another one.',
      'model list',
      'model rollback',
    ),
    JobFailed: advice(
      "The model's job in a container ended without an outcome: give it more memory (batchMemory) or time (batchHours).",
      'logs --run RUN --since 3d',
    ),
    ModelTooSlow: advice(
      'Publish a smaller model, or one with smaller batches, under a new version and promote it, or promote another one.',
      'model list',
      'model rollback',
    ),
    NoModelPromoted: advice(
      'Promote a version of the model: the next sweep then starts this file.',
      'model list',
      'model promote VERSION',
      'sweep',
    ),
    ObjectNotFound: advice(
      'Restore the missing object. For a model package, publish a complete one as a new version, or promote another version.',
      'model list',
    ),
    SceneFileChanged: {
      ...advice('Nothing needs to be done: the present content of the file has its own run.'),
      isOver: true as const,
    },
    TransientTrouble: advice('', 'doctor'),
    'Lambda.Unknown': CUT_OFF,
    'Runtime.ExitError': CUT_OFF,
    'Runtime.OutOfMemory': CUT_OFF,
    'Sandbox.Timedout': CUT_OFF,
    'States.Timeout': CUT_OFF,
  }),
);

const INVALID_REQUEST = {
  says: 'This request can never be processed. Send a corrected one, with a new id.',
  commands: ['request FILE'],
};
const INVALID_FILE = {
  says: 'This file can never be processed. Send a corrected one: it gets its own run.',
  commands: ['send FILE'],
};

export const NAMES_WITH_ADVICE = [...ADVICE.keys()];

/** What to do about a run that did not end well, and commands for that; null for any other run. */
export function adviceOnRun({ scene, state, error, model, attempt, attemptLimit }: LedgerRow) {
  if (state === 'INVALID') return doorOf(scene) === 'queue' ? INVALID_REQUEST : INVALID_FILE;
  if (state !== 'FAILED') return null;
  const name = isUnassigned(model) ? 'NoModelPromoted' : (error?.name ?? '');
  const { first, commands, isOver } = ADVICE.get(name) ?? LOOK_AT_THE_EXECUTION;
  if (isUnassigned(model) || isOver === true) return { says: first, commands };
  const again =
    attempt < attemptLimit
      ? `The next sweep retries it (attempt ${attempt + 1} of ${attemptLimit}); a retry does so now.`
      : `Its ${attemptLimit === 1 ? 'attempt is' : `${attemptLimit} attempts are`} used up, so no sweep retries it: fix the cause, then retry it.`;
  return { says: `${first} ${again}`.trim(), commands: [...commands, 'retry RUN'] };
}
