import { inOrder } from '../../base/concurrency/inOrder.ts';
import { requestKey } from '../../base/keys.ts';
import type { ListKeys, ReadVersion } from '../../base/objectStore.ts';
import { parseRequest } from './request.ts';

const READS_AT_ONCE = 16;

/** Yields the ids of the stored requests, all of which it reads, with an input of this id, or one that names this record of features. */
export async function* requestsOfInput(input: string, list: ListKeys, read: ReadVersion) {
  const keys = await list(requestKey('').replace(/\.json$/, ''));
  for await (const file of inOrder(keys, READS_AT_ONCE, read)) {
    const text = new TextDecoder().decode(file?.bytes);
    if (!text.includes(JSON.stringify(input))) continue; // as encodeRequest writes it
    const { id, inputs } = parseRequest(text, Number.POSITIVE_INFINITY);
    if (inputs.some((one) => namesIn(Object(one)).includes(input))) yield id;
  }
}

const namesIn = ({ id, features, pair }: { id?: unknown; features?: unknown; pair?: unknown }): unknown[] =>
  [id, Object(features).id, pair].flat();
