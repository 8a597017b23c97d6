import * as z from 'zod';
import { jsonIn, withoutCitations } from '../../core/base/errors.ts';
import type { ModelRef, SettleInput } from '../../core/base/messages.ts';
import type { LogFields } from '../../core/base/step.ts';
import { BATCH_STEP } from '../../core/batches/batchResult.ts';
import type { Failure } from '../../core/ledger/contract.ts';
import { SHADOW_STEP } from '../../core/ledger/shadowRuns.ts';

const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

const containerSchema = z.object({ ExitCode: z.number().optional(), Reason: z.string().optional() });
/** A job that AWS Batch gives up: https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDetail.html */
const jobSchema = z.object({
  JobId: z.string(),
  StatusReason: z.string().optional(),
  Attempts: z.array(z.object({ Container: containerSchema.optional() })).optional(),
});

/** The message if the service ends a step without a cause. */
const NO_CAUSE = 'no cause was given.';

/** The state machine asks for one job: it has ended well if infer asks once more. */
const NO_OUTCOME =
  "The job in a container ended with exit code 0, and its image has written no outcome, as `swath work` does. Deploy with a batchImage that is built of Swath's Dockerfile (docs/deploy.md).";

/** Reads an error's name and message from a Cause: JSON (a function threw), plain text (the service failed) or absent. */
export function readError({ Error: name, Cause }: SettleInput['error']): { name: string; message: string } {
  const job = jobSchema.safeParse(jsonIn(Cause ?? '')).data;
  if (job !== undefined) return { name: 'JobFailed', message: jobMessage(job) };
  if (name === 'ContainerNeeded') return { name: 'NoOutcome', message: NO_OUTCOME };
  const message = Cause === undefined ? '' : (thrownSchema.safeParse(jsonIn(Cause)).data?.errorMessage ?? Cause);
  return { name, message: message.trim() === '' ? NO_CAUSE : message };
}

function jobMessage({ JobId, StatusReason = NO_CAUSE, Attempts = [] }: z.infer<typeof jobSchema>): string {
  const { ExitCode, Reason } = Attempts.at(-1)?.Container ?? {};
  const how = [ExitCode !== undefined && `exit code ${ExitCode}`, Reason, StatusReason].filter(Boolean).join('; ');
  return `The job ${JobId} in a container was given up after ${Math.max(1, Attempts.length)} attempts (${how}).`;
}

/** Notes in the log line what a step or an execution ended with. */
export function noted(log: LogFields, { error, execution }: Pick<SettleInput, 'error' | 'execution'>, step: string) {
  const { name, message } = readError(error);
  Object.assign(log, { step, name, message: withoutCitations(message), execution });
  return { name, message, step };
}

const INFERRING_STEPS = ['Infer', BATCH_STEP, SHADOW_STEP];

/** A time-out's name in Lambda, and in Step Functions. */
const TIMED_OUT = ['Sandbox.Timedout', 'States.Timeout'];

/** A failure for the ledger; for a time-out in infer, it names the model and says what to do. */
export function withModel({ name, message, step }: Failure, { name: model, version }: ModelRef): Failure {
  if (!TIMED_OUT.includes(name) || !INFERRING_STEPS.includes(step)) return { name, message, step };
  const why = `The model ${model} ${version} was at work: make it smaller, or its batches by mlm:batch_size_suggestion, under a new version; promote another one; or give infer more time (inferTimeout).`;
  return { name, message: `${message === NO_CAUSE ? 'infer ran out of time.' : message} ${why}`, step };
}
