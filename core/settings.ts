import * as z from 'zod';
import { readFunctionParameters } from './parameters/ofFunctions.ts';

/** Never empty. */
const text = z.string().trim().min(1);

/** What functions are told beside the parameters: what this deployment calls its things. */
const namesSchema = z.object({
  STAGE: text,
  STATE_MACHINE_ARN: text,
  LEDGER_TABLE: text,
  METRICS_TABLE: text,
  INBOX_BUCKET: text,
  INBOX_SINCE: z.union([z.literal('').transform(() => undefined), z.iso.datetime()]).optional(),
  RESULTS_BUCKET: text,
  MODELS_BUCKET: text,
});

export type Settings = ReturnType<typeof readSettings>;

/** Reads the settings from an environment; a missing or a wrong one fails at once, by its name. */
export function readSettings(environment: Record<string, string | undefined>) {
  const names = namesSchema.parse(environment);
  const parameters = readFunctionParameters(environment);
  const { maxFileBytes, maxRecordBytes, maxChips, driftThreshold, driftMinimum, ...others } = parameters;
  return {
    ...others,
    sceneLimits: { maxFileBytes, maxRecordBytes, maxChips },
    threshold: driftThreshold,
    minimum: driftMinimum,
    stage: names.STAGE,
    stateMachineArn: names.STATE_MACHINE_ARN,
    ledgerTable: names.LEDGER_TABLE,
    metricsTable: names.METRICS_TABLE,
    inboxBucket: names.INBOX_BUCKET,
    inboxSince: names.INBOX_SINCE,
    resultsBucket: names.RESULTS_BUCKET,
    modelsBucket: names.MODELS_BUCKET,
  };
}
