import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeKept } from '../base/concurrency/keepPromise.ts';
import type { InvalidSceneFile } from '../base/errors.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from './contract.ts';
import { bytesOf } from './featureValue.ts';

type Found = FeatureRecord | InvalidSceneFile | undefined;
export type ReadRecord = (group: FeatureGroup, id: string) => Promise<Found>;

/** Of values, in bytes: more are not remembered. */
const MOST_REMEMBERED = 2 ** 25;

/** Makes what reads each record once, and those together that are asked for within a turn of the event loop. When they become many, it forgets them. */
export function makeReadOnce({ read }: Pick<FeatureSource, 'read'>): ReadRecord {
  let keep = makeKept<Found>(Number.POSITIVE_INFINITY);
  let remembered = 0;
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
      const record = (await records).get(id);
      remembered += record && 'values' in record ? bytesOf(record.values) : 0;
      if (remembered > MOST_REMEMBERED) [keep, remembered] = [makeKept(Number.POSITIVE_INFINITY), 0];
      return record;
    });
  };
}
