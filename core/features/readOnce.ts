import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeKept } from '../base/concurrency/keepPromise.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from './contract.ts';

export type ReadRecord = (group: FeatureGroup, id: string) => Promise<FeatureRecord | undefined>;

/** Makes what reads each record once, and those together that are asked for within a turn of the event loop. It forgets none. */
export function makeReadOnce({ read }: Pick<FeatureSource, 'read'>): ReadRecord {
  const keep = makeKept<FeatureRecord | undefined>(Number.POSITIVE_INFINITY);
  const open = new Map<string, { ids: string[]; records: ReturnType<FeatureSource['read']> }>();

  function batchOf(group: FeatureGroup) {
    const ids: string[] = [];
    const records = nextTurn().then(() => {
      open.delete(group.name);
      return read(group, ids);
    });
    const batch = { ids, records };
    open.set(group.name, batch);
    return batch;
  }

  return (group, id) =>
    // No group's name has a space.
    keep(`${group.name} ${id}`, async () => {
      const { ids, records } = open.get(group.name) ?? batchOf(group);
      ids.push(id);
      return (await records).get(id);
    });
}
