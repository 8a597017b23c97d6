import * as z from 'zod';
import { modelId, modelRefSchema, type RunRef, sceneRefSchema } from '../base/messages.ts';
import { acquiredSchema } from '../base/time/acquired.ts';
import { measuredShape } from '../measures/rowFields.ts';
import { rasterInfoSchema } from '../scenes/raster/rasterInfo.ts';
import { refusedSchema } from '../scenes/refusals.ts';
import { VERDICTS } from '../statistics/verdict.ts';
import { isRunning, STATES } from './states.ts';

export const verdictSchema = z.enum(VERDICTS);

export const driftSchema = z.object({
  jensenShannon: z.number(),
  chiSquare: z.object({ statistic: z.number().nullable(), degreesOfFreedom: z.number(), pValue: z.coerce.number() }),
  psi: z.number(),
  noiseFloor: z.number(),
  n: z.number(),
  verdict: verdictSchema,
  /** The reference only stands in for one, so that no number of predictions leads to a verdict. */
  isProvisional: z.literal(true).optional(),
  /**
   * Of predicted numbers: how far their mean has moved, in the reference's standard deviations; what chance explains of that; and the drift score that
   * it comes to if they drift by their mean alone, else 0.
   */
  mean: z.object({ shift: z.number(), noise: z.number(), score: z.number() }).optional(),
  /** The months of which the reference was taken, if it says what is usual in each. */
  season: z.array(z.int()).optional(),
  /** If chips of a scene are alike: the effective number of scenes, how many independent chips they come to, and how many scenes a verdict takes. */
  scenes: z.object({ count: z.number(), independentChips: z.number(), needed: z.number().nullable() }).optional(),
});
export type DriftScores = z.infer<typeof driftSchema>;

export const runErrorSchema = z.object({
  name: z.string(),
  message: z.string(),
  step: z.string(),
  attempt: z.number(),
  at: z.iso.datetime(),
  /** The execution that made the attempt; absent on a command's own attempt. */
  execution: z.string().optional(),
});
export type RunError = z.infer<typeof runErrorSchema>;

/** What identifies a run, and what its claims write; a new attempt keeps it. */
const claimedSchema = z.object({
  run: z.string(),
  scene: sceneRefSchema,
  model: modelRefSchema,
  state: z.enum(STATES),
  changed: z.iso.datetime(),
  claimedAt: z.iso.datetime(),
  execution: z.string(),
  attempt: z.int(),
  attemptLimit: z.int(),
  lease: z.iso.datetime().optional(),
  /** Whether this is a shadow's run, which is counted nowhere: see core/ledger/shadowRuns.ts. */
  shadow: z.literal(true).optional(),
  day: z.iso.date().optional(),
  chipsPerPart: z.int().optional(),
  /** Why attempts failed: the last few errors, latest last. A run that finally succeeds keeps them. */
  failures: z.array(runErrorSchema).optional(),
});

/** What the steps of an attempt find; absent until one has written it. The next attempt removes it. */
const foundSchema = z.object({
  /** Whether the run is being settled: its workers no longer hold it. */
  ending: z.literal(true).optional(),
  size: z.int().optional(),
  digest: z.string().optional(),
  parts: z.int().optional(),
  ...z.object(measuredShape).partial().shape,
  /** Chips that could not be read, in a file whose other chips could. */
  refused: refusedSchema.optional(),
  /** How many chips were read with a warning, such as pictures that were resized; absent if none were. */
  warned: z.int().optional(),
  /** The first few of these warnings, each once. */
  warnings: z.array(z.string()).optional(),
  acquired: acquiredSchema.optional(),
  /** Only for a file that is one raster. */
  raster: rasterInfoSchema.optional(),
  /** Which maps exist of the run; none unless its model is a pixel model. */
  maps: z.array(z.enum(['predictions', 'unsure', 'probabilities'])).optional(),
  /** For a shadow: whether it has kept the pieces of a map, so that its pixels can be compared. */
  pieces: z.literal(true).optional(),
  preparedAt: z.iso.datetime().optional(),
  /** What the task adds up over the run's chips, as JSON: core/tasks/registry.ts. */
  summary: z.string().optional(),
  /** The version of the object with late truths (`truthKey`) that `summary` counts; absent if there are none. */
  told: z.string().optional(),
  drift: driftSchema.nullable().optional(),
  milliseconds: z
    // `chip` is what the model itself takes for a chip once it is warm; the others are steps, with all that they do.
    .object({ preprocess: z.number(), infer: z.number(), drift: z.number(), total: z.number(), chip: z.number() })
    .partial()
    .optional(),
  /** The batch that ended the run, if it had no execution of its own; its predictions are in the batch's file. */
  batch: z.string().optional(),
  /** The run that owns this content, when this one is a `DUPLICATE` or about to become one. */
  duplicateOf: z.string().optional(),
  /** In which term the content was that run's, if it was not the first: see core/ledger/contentClaim.ts. */
  ownerTerm: z.int().optional(),
  /** Whether a duplicate may be claimed again, because that run has failed. */
  heir: z.literal(true).optional(),
  error: runErrorSchema.optional(),
});

export const FOUND = [...Object.keys(foundSchema.shape), 'countedDay'];

export const ledgerRowSchema = z.object({ ...claimedSchema.shape, ...foundSchema.shape });
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

export const hasFailedForGood = ({ state, attempt, attemptLimit }: LedgerRow): boolean =>
  state === 'FAILED' && attempt >= attemptLimit;

/** Whether a run's results are wanted: it may still end as `DONE`, or has; a repeated step's first worker may run on. */
export const mayHaveResults = (row: LedgerRow | undefined): row is LedgerRow =>
  row !== undefined && ((isRunning(row.state) && row.ending === undefined) || row.state === 'DONE');

/**
 * The steps that open scene files. For Preprocess, no other object can be missing. For a batch, the model can be; but a
 * restarted file is retried on its own, and a missing model then makes it fail in Infer, which a missing file cannot.
 */
const OPENING_STEPS = ['Preprocess', 'Preprocess cubes', 'Batch'];

/** Whether a run's file was missing or replaced. On a laptop, content is the version, and can come back; in S3 it cannot. */
export function hasMissedItsFile({ state, error }: Pick<LedgerRow, 'state' | 'error'>): boolean {
  if (state !== 'FAILED' || error === undefined) return false;
  return error.name === 'SceneFileChanged' || (error.name === 'ObjectNotFound' && OPENING_STEPS.includes(error.step));
}

/** Identifies a held run, and fences off late workers of older attempts. */
export type Holder = Pick<RunRef, 'scene' | 'model' | 'attempt' | 'execution'>;

/** Says why a duplicate is not counted, before the id of the run that is; undefined for other runs. */
export const duplicateNote = ({ duplicateOf }: Pick<LedgerRow, 'duplicateOf'>): string | undefined =>
  duplicateOf === undefined ? undefined : 'the same bytes as run';

/** Returns whether a run's id, file key, model version or error contains a text, ignoring case. */
export function hasText({ run, scene, model, error }: LedgerRow, text: string): boolean {
  const wanted = text.toLowerCase();
  const parts = [run, scene.key, modelId(model), `${model.name} ${model.version}`, error?.name, error?.message];
  return parts.some((part) => part?.toLowerCase().includes(wanted));
}
