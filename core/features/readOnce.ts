import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeKept } from '../base/concurrency/keepPromise.ts';
import type { InvalidSceneFile } from '../base/errors.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from './contract.ts';

type Found = FeatureRecord | InvalidSceneFile | undefined;
export type ReadRecord = (group: FeatureGroup, id: string) => Promise<Found>;

/** Makes what reads each record once, and those together that are asked for within a turn of the event loop. It forgets none. */
export function makeReadOnce({ read }: Pick<FeatureSource, 'read'>): ReadRecord {
  const keep = makeKept<Found>(Number.POSITIVE_INFINITY);
  const open = new Map<string, { ids: string[]; records: ReturnType<FeatureSource['read']> }>();

  function batchOf(name: string, group: FeatureGroup) {
    const ids: string[] = [];
    const records = nextTurn().then(() => {
      open.delete(name);
      return read(group, ids);
    });
    const batch = { ids, records };
    open.set(name, batch);
    return batch;
  }

  return (group, id) => {
    const name = JSON.stringify([group.name, group.id, group.eventTime]); // models may name a group's columns otherwise
    return keep(`${name} ${id}`, async () => {
      const { ids, records } = open.get(name) ?? batchOf(name, group);
      ids.push(id);
      return (await records).get(id);
    });
  };
}
