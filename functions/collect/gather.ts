import { errorForLog, InvalidMessage, onError } from '../../core/base/errors.ts';
import type { QueueRecord } from '../../core/base/messages.ts';
import type { LogFields } from '../../core/base/step.ts';

/** Processes messages of one queue, and notes those to be redelivered. Throws if all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields, refused: Refused) => Promise<void>;

/** The ids of messages to be redelivered, and why; in the end, they become dead letters. */
export type Refused = Map<string, string>;

/** How many refused messages are logged with their reason; the others most likely fail for the same reason. */
export const MOST_TOLD = 20;

/** Makes what deals with messages of a queue one by one: a message becomes a dead letter if it can never be processed, and is redelivered after any other failure. */
export function makeDeal(queue: { bury: (body: string, reason: string) => Promise<void> }, refused: Refused) {
  let buried = 0;
  const bury = async (body: string, reason: string): Promise<void> => {
    await queue.bury(body, reason);
    buried += 1;
  };
  const orBuried = (body: string, run: () => Promise<unknown>): Promise<unknown> =>
    run().catch(onError(InvalidMessage, ({ message }) => bury(body, message)));
  return {
    bury,
    buried: () => buried,
    orBuried,
    deal: ({ messageId, body }: Pick<QueueRecord, 'messageId' | 'body'>, run: () => Promise<unknown>) =>
      orRefused([messageId], refused, () => orBuried(body, run)),
  };
}

/** Runs work for messages, which are redelivered if it fails. */
export async function orRefused(messages: readonly string[], refused: Refused, run: () => Promise<unknown>) {
  try {
    await run();
  } catch (error) {
    for (const messageId of messages) refused.set(messageId, errorForLog(error));
  }
}
