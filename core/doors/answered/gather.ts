import { hash } from 'node:crypto';
import { answeredKey } from '../../base/keys.ts';
import { type Answered, answeredId, encodeAnswered } from './answered.ts';

/** Joins messages into one object, one per line, whose key is derived from its content. */
export function encodeGathered(messages: readonly Answered[]): { key: string; bytes: Uint8Array } {
  const byId = new Map(messages.map((one) => [answeredId(one), one]));
  const ids = [...byId.keys()].sort();
  const bytes = new TextEncoder().encode(ids.map((id) => `${encodeAnswered(byId.get(id)!)}\n`).join(''));
  return { key: answeredKey(hash('sha256', bytes)), bytes };
}
