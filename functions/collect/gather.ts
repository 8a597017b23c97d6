import { InvalidMessage, onError } from '../../core/base/errors.ts';
import type { LogFields } from '../../core/base/log.ts';
import type { QueueRecord } from '../../core/base/messages.ts';
import { errorForLog } from '../../core/base/text/cited.ts';

/** Processes messages of one queue, and notes those to be redelivered. Throws if all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields, refused: Refused) => Promise<void>;

/** The ids of messages to be redelivered, and why; in the end, they become dead letters. */
export type Refused = Map<string, string>;

/** Runs work for a message, which becomes a dead letter if it can never be processed. */
export function orBuried(
  bury: (body: string, reason: string) => Promise<void>,
  body: string,
  run: () => Promise<void>,
): Promise<void> {
  return run().catch(onError(InvalidMessage, ({ message }) => bury(body, message)));
}

/** Runs work for messages, which are redelivered if it fails. */
export async function orRefused(
  messages: readonly string[],
  refused: Refused,
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    for (const messageId of messages) refused.set(messageId, errorForLog(error));
  }
}
