import { type FileMetaData, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { makeKept } from '../base/concurrency/keepPromise.ts';
import { citedStart, InvalidSceneFile, insteadOf } from '../base/errors.ts';
import { CODECS } from '../scenes/formats/parquet/codecs.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from './contract.ts';
import { recordAt } from './eventTime.ts';
import { featureValue } from './featureValue.ts';

/** A file of a dataset; `etag` changes with its content. */
export type DatasetFile = { readonly key: string; readonly size: number; readonly etag: string };
export type Dataset = {
  list: (prefix: string) => Promise<readonly DatasetFile[]>;
  /** Throws where the file has another content by now. */
  readRange: (file: DatasetFile, offset: number, length: number) => Promise<Uint8Array>;
};

/** Footers that are remembered, of files that stay as they are. */
const FOOTERS = 200;

/**
 * Reads features from Parquet: `<prefix><group>.parquet`, or all such files in the folder `<prefix><group>/`. Row groups and pages
 * without the ids are skipped by statistics, page indexes and Bloom filters, so a sorted file, or one with such filters, takes a few ranged reads.
 */
export function makeParquetFeatures({ list, readRange }: Dataset, prefix: string): FeatureSource {
  const keep = makeKept<FileMetaData>(FOOTERS);

  async function recordsIn(file: DatasetFile, group: FeatureGroup, ids: readonly string[]) {
    const slice = async (from: number, to = file.size) => {
      const { buffer, byteOffset, byteLength } = await readRange(file, from, to - from);
      return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    };
    const source = { byteLength: file.size, slice };
    const metadata = await keep(`${file.key} ${file.etag}`, () => parquetMetadataAsync(source, { geoparquet: false }));
    const { id, eventTime } = group;
    const found = parquetSchema(metadata).children.map(({ element }) => element);
    const missing = [id, eventTime].find((name) => !found.some((element) => element.name === name));
    if (missing !== undefined)
      throw new InvalidSceneFile(
        `${file.key}: found no column ${missing}, allowed is one of the id and one of the event time (swath:features.id, event_time); it has ${citedStart(found.map(({ name }) => name).join(', '), 200)}`,
      );
    const $in = ids.flatMap(asStored(found.find(({ name }) => name === id)!.type));
    const filter = { [id]: { $in } };
    const by = { useBloomFilters: true, usePageIndex: true, compressors: CODECS, geoparquet: false };
    const rows = await parquetReadObjects({ file: source, metadata, filter, ...by });
    return rows.map(({ [id]: key, [eventTime]: time, version, ...values }) => {
      const of = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, featureValue(value)]));
      const number = ['number', 'bigint'].includes(typeof version) ? Number(version) : null;
      return [String(key), recordAt(time, group, { id: String(key), version: number, values: of })] as const;
    });
  }

  return {
    async read(group, ids) {
      const whole = `${prefix}${group.name}`;
      const isOfGroup = ({ key }: DatasetFile) =>
        key === `${whole}.parquet` || (key.startsWith(`${whole}/`) && key.endsWith('.parquet'));
      const files = (await list(whole)).filter((file) => file.size > 0 && isOfGroup(file));
      if (files.length === 0)
        throw new InvalidSceneFile(
          `found no ${whole}.parquet and no Parquet files under ${whole}/, where its records lie`,
        );
      const latest = new Map<string, FeatureRecord | InvalidSceneFile>();
      const spoilt = ({ message }: Error) => new InvalidSceneFile(`${whole}: ${message}`);
      const unreadable = insteadOf(['RangeError', 'SyntaxError'], spoilt);
      for (const file of files)
        for (const [id, record] of await recordsIn(file, group, ids).catch(unreadable))
          if (!(timeOf(latest.get(id)) > timeOf(record))) latest.set(id, record);
      return latest;
    },
  };
}

const timeOf = (record: FeatureRecord | InvalidSceneFile | undefined) =>
  record && 'time' in record ? record.time : '';

/** Ids as a column of this type holds them; none that it cannot hold. */
function asStored(type: string | undefined): (id: string) => (string | number | bigint)[] {
  if (type === undefined || !/^(INT|DOUBLE|FLOAT)/.test(type)) return (id) => [id];
  return (id) => (/^-?\d{1,18}$/.test(id) ? [type === 'INT64' ? BigInt(id) : Number(id)] : []);
}
