import * as z from 'zod';
import { modelRefSchema, type RunRef, sceneRefSchema } from '../messages.ts';
import { rasterInfoSchema } from '../scenes/raster/rasterInfo.ts';
import { refusedSchema } from '../scenes/refusals.ts';
import { VERDICTS } from '../verdict.ts';

/** States of a run that somebody is working at; the order is the only direction in which an attempt moves. */
export const RUNNING = ['CLAIMED', 'PREPARED', 'PREDICTED'] as const;
/** End states. Only `FAILED` may be tried again, as a new attempt. */
export const SETTLED = ['DONE', 'EMPTY', 'DUPLICATE', 'INVALID', 'FAILED'] as const;
export const STATES = [...RUNNING, ...SETTLED] as const;
export type State = (typeof STATES)[number];

export const verdictSchema = z.enum(VERDICTS);

export const driftSchema = z.object({
  jensenShannon: z.number(),
  chiSquare: z.object({ statistic: z.number().nullable(), degreesOfFreedom: z.number(), pValue: z.coerce.number() }),
  psi: z.number(),
  noiseFloor: z.number(),
  n: z.number(),
  verdict: verdictSchema,
});
export type DriftScores = z.infer<typeof driftSchema>;

export const runErrorSchema = z.object({
  name: z.string(),
  message: z.string(),
  step: z.string(),
  attempt: z.number(),
  at: z.iso.datetime(),
  /** The one that the attempt was made by; rows of older releases have none. */
  execution: z.string().optional(),
});
export type RunError = z.infer<typeof runErrorSchema>;

/** What the ledger keeps of a run. Everything past the claim is absent until its step has written it. */
export const ledgerRowSchema = z.object({
  run: z.string(),
  scene: sceneRefSchema,
  model: modelRefSchema,
  state: z.enum(STATES),
  /** When the row came into this state. */
  changed: z.iso.datetime(),
  claimedAt: z.iso.datetime(),
  execution: z.string(),
  attempt: z.int(),
  attemptLimit: z.int(),
  /** Until when the claim holds; only while running. */
  lease: z.iso.datetime().optional(),
  /** Whether somebody is settling the run: its workers hold it no longer. */
  ending: z.literal(true).optional(),
  /** Whether it is a shadow's, which counts nowhere: see core/ledger/shadowRuns.ts. */
  shadow: z.literal(true).optional(),
  day: z.iso.date().optional(),
  chipsPerPart: z.int().optional(),
  size: z.int().optional(),
  digest: z.string().optional(),
  /** Records in the file, blanks included. */
  chips: z.int().optional(),
  blank: z.int().optional(),
  parts: z.int().optional(),
  /** What is kept of the source bands' values, until the run is done and has it among its `classes`: see core/measures/bands/inRow.ts. */
  bands: z.string().optional(),
  /** Chips that could not be read, where the others were. */
  refused: refusedSchema.optional(),
  /** How many chips were read with a warning, as images of a request are that were converted; missing where none was. */
  warned: z.int().optional(),
  /** Of a file that is one raster. */
  raster: rasterInfoSchema.optional(),
  /** Which maps there are of it; none where its task is not of pixels. */
  maps: z.array(z.enum(['predictions', 'probabilities'])).optional(),
  /** Of a shadow: whether it has kept the pieces of a map, by which its pixels are compared. */
  pieces: z.literal(true).optional(),
  preparedAt: z.iso.datetime().optional(),
  /**
   * Chips predicted for each class, in the package's order (a list, because a table's map has none); of another task than
   * classification, all of them with the summary. See core/tasks/stored.ts.
   */
  classes: z
    .array(
      z.object({
        name: z.string(),
        count: z.int(),
        summary: z.string().optional(),
        bands: z.string().optional(),
        truth: z.int().optional(),
        right: z.int().optional(),
        wrong: z.int().optional(),
        taken: z.array(z.tuple([z.int(), z.int()])).optional(),
        reliability: z.string().optional(),
      }),
    )
    .optional(),
  /** The version of the object that says later what is true of its chips (`truthKey`), which `classes` count; absent where nobody has said anything. */
  told: z.string().optional(),
  missing: z.int().optional(),
  mostCommonShare: z.number().nullable().optional(),
  missingShare: z.number().nullable().optional(),
  probabilitySum: z.number().optional(),
  meanProbability: z.number().nullable().optional(),
  drift: driftSchema.nullable().optional(),
  milliseconds: z
    .object({ preprocess: z.number(), infer: z.number(), drift: z.number(), total: z.number() })
    .partial()
    .optional(),
  /** The batch that brought the run to its end, where no execution of its own did; its predictions are in the batch's file. */
  batch: z.string().optional(),
  /** The run that owns these bytes, when this one is a `DUPLICATE`. */
  duplicateOf: z.string().optional(),
  /** Whether its bytes are only the beginning of that run's: it was an unfinished copy. */
  prefix: z.literal(true).optional(),
  /** Whether a duplicate may be claimed once more, because that run has failed. */
  heir: z.literal(true).optional(),
  error: runErrorSchema.optional(),
  /** Why attempts failed, the last ones of them, the latest at the end; a run that is done at last keeps them. */
  failures: z.array(runErrorSchema).optional(),
});
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/** Whether a run has failed and will not be tried again, unless a person asks for it. */
export function hasFailedForGood({ state, attempt, attemptLimit }: LedgerRow): boolean {
  return state === 'FAILED' && attempt >= attemptLimit;
}

/**
 * The steps that open scene files. To Preprocess, no other object can be missing. To a batch, the model can; but who is
 * started over is tried alone, and fails in Infer then, as no file does that is not there.
 */
const OPENING_STEPS = ['Preprocess', 'Batch'];

/**
 * Whether a run has failed because its file was not there, or was another one by then. That can change on a laptop, where
 * a version is its content: in S3, one that is deleted does not come back.
 */
export function hasMissedItsFile({ state, error }: Pick<LedgerRow, 'state' | 'error'>): boolean {
  if (state !== 'FAILED' || error === undefined) return false;
  return error.name === 'SceneFileChanged' || (error.name === 'ObjectNotFound' && OPENING_STEPS.includes(error.step));
}

export function isRunning(state: State): boolean {
  return RUNNING.some((running) => running === state);
}

/** What identifies a held run, and the fence that a late worker of an older attempt cannot pass. */
export type Holder = Pick<RunRef, 'scene' | 'model' | 'attempt' | 'execution'>;
