import { InvalidMessage } from '../../core/base/errors.ts';
import type { LogFields } from '../../core/base/log.ts';
import type { QueueRecord } from '../../core/base/messages.ts';
import { errorForLog } from '../../core/base/text/cited.ts';

/** Processes messages of one queue; returns those to be redelivered. Throws if all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields) => Promise<Refused[]>;

/** A message to be redelivered, and why; in the end, it becomes a dead letter. */
export type Refused = { messageId: string; why: string };

/** Runs work for a message, which becomes a dead letter if it can never be processed. */
export async function orBuried(
  bury: (body: string, reason: string) => Promise<void>,
  body: string,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    await bury(body, error.message);
  }
}

/** Runs work for messages, which are redelivered if it fails. */
export async function orRefused(
  messages: readonly string[],
  refused: Refused[],
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const why = errorForLog(error);
    refused.push(...messages.map((messageId) => ({ messageId, why })));
  }
}
