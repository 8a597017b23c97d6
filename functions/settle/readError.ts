import * as z from 'zod';
import type { SettleInput } from '../../core/messages.ts';

/** What Lambda reports of an error that a function threw. */
const thrownSchema = z.object({ errorType: z.string(), errorMessage: z.string() });

/** Where the service itself ends a step, it may say nothing. */
export const NO_CAUSE = 'no cause was given.';

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
