import * as z from 'zod';
import { BATCH_STEP } from '../../core/batches/batchResult.ts';
import type { Failure } from '../../core/ledger/ledger.ts';
import { SHADOW_STEP } from '../../core/ledger/shadowRow.ts';
import type { ModelRef, SettleInput } from '../../core/messages.ts';

/** What Lambda reports of an error that a function threw. */
const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

/** Where the service itself ends a step, it may say nothing. */
const NO_CAUSE = 'no cause was given.';

/** An error's name and message, from a Cause that is JSON (a function threw), plain text (the service did) or absent. */
export function readError({ Error: name, Cause }: SettleInput['error']): { name: string; message: string } {
  const message = Cause === undefined ? '' : messageIn(Cause);
  return { name, message: message.trim() === '' ? NO_CAUSE : message };
}

function messageIn(cause: string): string {
  try {
    return thrownSchema.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
}

/** The steps in which a model is at work. */
const INFERRING_STEPS = ['Infer', BATCH_STEP, SHADOW_STEP];

/** Lambda's own word for it, and that of Step Functions. */
const TIMED_OUT = ['Sandbox.Timedout', 'States.Timeout'];

/** A failure as the ledger keeps it: where the time was over in infer, it says which model was at work, and what to do. */
export function withModel({ name, message, step }: Failure, { name: model, version }: ModelRef): Failure {
  if (!TIMED_OUT.includes(name) || !INFERRING_STEPS.includes(step)) return { name, message, step };
  const why = `The model ${model} ${version} was at work: make it smaller, or its batches by mlm:batch_size_suggestion, under a new version; promote another one; or give infer more time (inferTimeout).`;
  return { name, message: `${message === NO_CAUSE ? 'infer ran out of time.' : message} ${why}`, step };
}
