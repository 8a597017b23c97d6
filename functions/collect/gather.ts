import { withoutCitations } from '../../core/cited.ts';
import type { LogFields } from '../../core/log.ts';
import type { QueueRecord } from '../../core/messages.ts';

/** Deals with messages of one queue; answers those that are to come again. It throws where all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields) => Promise<Refused[]>;

/** A message that is to come again, and why; in the end, it is a dead letter. */
export type Refused = { messageId: string; why: string };

/** Does something for messages; they come again where that fails. */
export async function orRefused(
  messages: readonly string[],
  refused: Refused[],
  run: () => Promise<unknown>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { name, message } = error as Error;
    const why = withoutCitations(`${name}: ${message}`);
    refused.push(...messages.map((messageId) => ({ messageId, why })));
  }
}
