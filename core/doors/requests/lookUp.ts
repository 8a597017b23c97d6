import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeKept } from '../../base/concurrency/keepPromise.ts';
import { attempt, citedStart, InvalidSceneFile, listed, onError } from '../../base/errors.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource, FeatureValue } from '../../features/contract.ts';
import { bytesOf } from '../../features/featureValue.ts';
import type { FeatureFacts } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';
import { namesOf } from '../../package/problems.ts';
import { numberIn } from '../../scenes/numberIn.ts';
import { type LookedUp, lookedUpHere, parseInput, withoutFound } from './input.ts';

/**
 * Adds to inputs that name records what these say, or why there is nothing, so that whoever reads them later finds the values that they had.
 * Other inputs stay as they are, also such as cannot be read.
 */
export type LookUp = (inputs: readonly unknown[], model: ModelPackage) => Promise<readonly unknown[]>;

/** Looks up each record once: make one for each batch. Without a source, there are no records. */
export function makeLookUp(from: FeatureSource | undefined, now: () => Date): LookUp {
  const read = from && makeReadOnce(from);

  async function rowOf(ids: readonly string[], model: ModelPackage, take: Take): Promise<Required<LookedUp>['found']> {
    const { features, name, version } = model;
    if (features === undefined)
      throw refusal(`found ids, but ${name} ${version} names no group of features (swath:features)`);
    if (read === undefined) throw refusal('found ids, but no features are looked up here; allowed are values or texts');
    const { columns = [] } = model.text ?? {};
    if (ids.length > 1 && columns.length < 2)
      throw refusal(`found a pair, but ${name} ${version} takes one record: {"features": {"id": …}}`);
    if (ids.length === 1 && features.pair !== undefined)
      throw refusal(`found one record, but ${name} ${version} takes a pair: {"pair": [id, id]}`);
    const records = await Promise.all(
      ids.map(async (id) => asserted(await read(features, id), id, features, now().getTime())),
    );
    return {
      values: take(ids.length > 1 ? pairOf(records, features, columns) : records[0]!.values),
      records: records.map(({ id, time, version }) => [id, time, version === null ? null : String(version)]),
    };
  }

  return (inputs, model) => {
    const take = makeTake(model);
    return Promise.all(
      inputs.map(async (input, index) => {
        const asked = withoutFound(input);
        const parsed = asked && attempt(() => parseInput(asked, `inputs[${index}]`), unreadable);
        if (parsed?.kind !== 'features') return asked ?? input;
        const found = rowOf(parsed.ids, model, take).then((row) => ({ found: row }), refused);
        return lookedUpHere({ ...asked, ...(await found) });
      }),
    );
  };
}

type Values = FeatureRecord['values'];
type Take = (values: Values) => Values;

/** Of values in one request, in bytes: they are stored with it, once for each input. */
const MOST_FOUND = 2 ** 22;

/** Makes what takes the values that a model uses, in any case of their names, for the inputs of one request. */
function makeTake({ source, text, carry = [], truth }: ModelPackage): Take {
  const ofName = new Map<string | undefined, (value: FeatureValue) => FeatureValue>();
  for (const name of [...(text?.columns ?? []), ...namesOf(carry), truth]) ofName.set(name?.toLowerCase(), asIs);
  if (text === undefined) for (const name of namesOf(source.bands)) ofName.set(name.toLowerCase(), numberOf);
  let found = 0;
  return (values) => {
    const own = Object.entries(values).filter(([name]) => ofName.has(name.toLowerCase()));
    const taken = Object.fromEntries(own.map(([name, value]) => [name, ofName.get(name.toLowerCase())!(value)]));
    found += bytesOf(taken);
    if (found > MOST_FOUND)
      throw refusal(
        `found ${found} bytes of features for the inputs up to it, allowed are at most ${MOST_FOUND} in a request; send fewer inputs in each`,
      );
    return taken;
  };
}

const asIs = (value: FeatureValue) => value;
/** Some sources have all values as texts, and a column of a table is one of texts for a single cell that is no number. */
const numberOf = (value: FeatureValue): FeatureValue =>
  typeof value === 'string' ? (numberIn(value) ?? value) : value;

/** Whoever reads the input says why it cannot be read. */
const unreadable = onError(InvalidSceneFile, () => null);
const refused = onError(InvalidSceneFile, ({ message }) => ({ refused: message }));

const refusal = (message: string) => new InvalidSceneFile(message);

function asserted(record: Found, id: string, { name, maxAgeHours }: FeatureFacts, now: number) {
  if (record === undefined)
    throw refusal(`found no record ${citedStart(id, 40)} in the group ${name}; put it there, and send another request`);
  if (record instanceof InvalidSceneFile) throw record;
  const hours = (now - Date.parse(record.time)) / 3_600_000;
  if (maxAgeHours !== undefined && hours > maxAgeHours)
    throw refusal(
      `found the record ${citedStart(id, 40)} of ${name} as of ${record.time}, allowed is one of the last ${maxAgeHours} hours (swath:features.max_age_hours)`,
    );
  return record;
}

function pairOf(records: readonly FeatureRecord[], { name, pair }: FeatureFacts, columns: readonly string[]) {
  const texts = records.map(({ id, values }, i) => {
    const feature = pair ?? columns[i]!;
    if (Object.hasOwn(values, feature)) return [columns[i]!, values[feature]!] as const;
    throw refusal(
      `found no feature ${feature} in the record ${citedStart(id, 40)} of ${name}, which has ${citedStart(listed(Object.keys(values)), 200)}`,
    );
  });
  return Object.fromEntries(texts);
}

type Found = FeatureRecord | InvalidSceneFile | undefined;

/** Of values, in bytes: more are not remembered. */
const MOST_REMEMBERED = 2 ** 25;

/** Makes what reads each record once, and those together that are asked for within a turn of the event loop. When they become many, it forgets them. */
function makeReadOnce({ read }: FeatureSource): (group: FeatureGroup, id: string) => Promise<Found> {
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
