/**
 * What the errors in the ledger ask of a person, by their names: the console, `swath show` and docs/failures.md go by it.
 */
type Advice = {
  /** What has to be done before another attempt can do better, as a sentence; empty where nothing has to. */
  first: string;
  /** Commands that do it, or show more, as one would type them behind `npx swath`; RUN stands for the run's id. */
  commands: string[];
  /** Whether another attempt is of no use to anybody. */
  isOver?: true;
};

const CUT_OFF: Advice = {
  first: 'The function ran out of time or memory: give it more of them, or send smaller files.',
  commands: ['logs --run RUN --since 3d'],
};
const MEND_THE_MODEL: Advice = {
  first: 'Publish a mended package under a new version and promote it, or promote another one.',
  commands: ['model list', 'model rollback'],
};
const SMALLER_MODEL: Advice = {
  first:
    'Publish a smaller model, or one with smaller batches, under a new version and promote it, or promote another one.',
  commands: ['model list', 'model rollback'],
};
const LOOK_AT_THE_EXECUTION: Advice = { first: '', commands: ['logs --run RUN --since 3d'] };

const ADVICE = new Map<string, Advice>(
  Object.entries({
    DiskFull: { first: 'Make room.', commands: [] },
    ExecutionLost: LOOK_AT_THE_EXECUTION,
    Interrupted: { first: '', commands: [] },
    InvalidMessage: { first: 'A step was sent what it does not understand: deploy again.', commands: ['doctor'] },
    InvalidModelPackage: MEND_THE_MODEL,
    ModelTooSlow: SMALLER_MODEL,
    NoModelPromoted: {
      first: 'Promote a version of the model: the next sweep then starts this file by itself.',
      commands: ['model list', 'model promote VERSION', 'sweep'],
    },
    ObjectNotFound: {
      first:
        'Put what is missing where it is looked for: of a model package, publish it whole, or promote another version.',
      commands: ['model list'],
    },
    SceneFileChanged: {
      first: 'Nothing is to be done: what the file holds now is a run of its own.',
      commands: [],
      isOver: true,
    },
    TransientTrouble: { first: '', commands: ['doctor'] },
    'Lambda.Unknown': CUT_OFF,
    'Runtime.ExitError': CUT_OFF,
    'Runtime.OutOfMemory': CUT_OFF,
    'Sandbox.Timedout': CUT_OFF,
    'States.Timeout': CUT_OFF,
  }),
);

export const NAMES_WITH_ADVICE = [...ADVICE.keys()];

/** What an error asks for; nothing in particular, where nobody knows it. */
export function adviceOn(name: string | undefined): Advice {
  return ADVICE.get(name ?? '') ?? LOOK_AT_THE_EXECUTION;
}
