import { z } from 'zod';

/** What a deployment sets; the defaults and their meaning stand in serverless.yml, under `params`. */
const settingsSchema = z.object({
  STAGE: z.string(),
  STATE_MACHINE_ARN: z.string(),
  LEDGER_TABLE: z.string(),
  METRICS_TABLE: z.string(),
  INBOX_BUCKET: z.string(),
  RESULTS_BUCKET: z.string(),
  MODELS_BUCKET: z.string(),
  MODEL_NAME: z.string(),
  CHIPS_PER_PART: z.coerce.number().int().min(1),
  ATTEMPT_LIMIT: z.coerce.number().int().min(1),
  LEASE_MARGIN_SECONDS: z.coerce.number().min(0),
  DRIFT_THRESHOLD: z.coerce.number().gt(0).lt(1),
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
    resultsBucket: set.RESULTS_BUCKET,
    modelsBucket: set.MODELS_BUCKET,
    modelName: set.MODEL_NAME,
    chipsPerPart: set.CHIPS_PER_PART,
    attemptLimit: set.ATTEMPT_LIMIT,
    leaseMarginSeconds: set.LEASE_MARGIN_SECONDS,
    threshold: set.DRIFT_THRESHOLD,
  };
}
