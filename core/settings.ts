import * as z from 'zod';
import { MOST_SCENE_LIMITS } from './limits.ts';

/** Never empty: an empty text would pass as the number 0. */
const text = z.string().trim().min(1);

/** What a deployment sets; the defaults and their meaning stand in serverless.yml, under `params`. */
const settingsSchema = z.object({
  STAGE: text,
  STATE_MACHINE_ARN: text,
  LEDGER_TABLE: text,
  METRICS_TABLE: text,
  INBOX_BUCKET: text,
  INBOX_PREFIX: z.string().default(''),
  BULK_PREFIX: text,
  FILES_PER_BATCH: text.pipe(z.coerce.number<string>().int().min(1)),
  BYTES_PER_BATCH: text.pipe(z.coerce.number<string>().int().min(1)),
  INBOX_SINCE: z.union([z.literal('').transform(() => undefined), z.iso.datetime()]).optional(),
  RESULTS_BUCKET: text,
  MODELS_BUCKET: text,
  MODEL_NAME: text,
  CHIPS_PER_PART: text.pipe(z.coerce.number<string>().int().min(1)),
  MAX_FILE_BYTES: text.pipe(z.coerce.number<string>().int().min(1).max(MOST_SCENE_LIMITS.maxFileBytes)),
  MAX_RECORD_BYTES: text.pipe(z.coerce.number<string>().int().min(1).max(MOST_SCENE_LIMITS.maxRecordBytes)),
  MAX_CHIPS: text.pipe(z.coerce.number<string>().int().min(1).max(MOST_SCENE_LIMITS.maxChips)),
  ATTEMPT_LIMIT: text.pipe(z.coerce.number<string>().int().min(1)),
  LEASE_SECONDS: text.pipe(z.coerce.number<string>().min(1)),
  SWEEP_LOOK_BACK_DAYS: text.pipe(z.coerce.number<string>().min(0)),
  // A Jensen-Shannon distance is at most the square root of ln 2.
  DRIFT_THRESHOLD: text.pipe(z.coerce.number<string>().gt(0).lt(Math.sqrt(Math.LN2))),
  DRIFT_MINIMUM: text.pipe(z.coerce.number<string>().int().min(1)),
  DRIFT_WINDOW: text.pipe(z.coerce.number<string>().int().min(1)),
  BLANK_SHARE_LIMIT: text.pipe(z.coerce.number<string>().gt(0).max(1)),
});

export type Settings = ReturnType<typeof readSettings>;

/** Reads the settings from an environment; a missing or a wrong one fails at once, by its name. */
export function readSettings(environment: Record<string, string | undefined>) {
  const set = settingsSchema.parse(environment);
  return {
    stage: set.STAGE,
    stateMachineArn: set.STATE_MACHINE_ARN,
    ledgerTable: set.LEDGER_TABLE,
    metricsTable: set.METRICS_TABLE,
    inboxBucket: set.INBOX_BUCKET,
    inboxPrefix: set.INBOX_PREFIX,
    inboxSince: set.INBOX_SINCE,
    bulkPrefix: set.BULK_PREFIX,
    filesPerBatch: set.FILES_PER_BATCH,
    bytesPerBatch: set.BYTES_PER_BATCH,
    resultsBucket: set.RESULTS_BUCKET,
    modelsBucket: set.MODELS_BUCKET,
    modelName: set.MODEL_NAME,
    chipsPerPart: set.CHIPS_PER_PART,
    sceneLimits: {
      maxFileBytes: set.MAX_FILE_BYTES,
      maxRecordBytes: set.MAX_RECORD_BYTES,
      maxChips: set.MAX_CHIPS,
    },
    attemptLimit: set.ATTEMPT_LIMIT,
    leaseSeconds: set.LEASE_SECONDS,
    sweepLookBackDays: set.SWEEP_LOOK_BACK_DAYS,
    threshold: set.DRIFT_THRESHOLD,
    minimum: set.DRIFT_MINIMUM,
    driftWindow: set.DRIFT_WINDOW,
    blankShareLimit: set.BLANK_SHARE_LIMIT,
  };
}
