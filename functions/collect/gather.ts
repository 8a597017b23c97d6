import type { LogFields } from '../../core/log.ts';
import type { QueueRecord } from '../../core/messages.ts';

/** Deals with messages of one queue; answers those that are to come again. It throws where all of them are. */
export type Gather = (records: readonly QueueRecord[], log: LogFields) => Promise<Refused[]>;

/** A message that is to come again, and why; in the end, it is a dead letter. */
export type Refused = { messageId: string; why: string };
