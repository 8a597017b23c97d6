import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { insteadOf, ObjectNotFound } from '../base/errors.ts';
import type { ReadObject } from '../base/objectStore.ts';
import type { Column, Values } from '../package/carry.ts';
import type { Predictions } from './predictionColumns.ts';

const valueSchemas = {
  STRING: z.string(),
  INT32: z.int(),
  INT64: z.bigint(),
  FLOAT: z.number(),
  DOUBLE: z.number(),
  BYTE_ARRAY: z.instanceof(Uint8Array),
  TIMESTAMP: z.date(),
};

/** Reads these columns of an object. Throws `ObjectNotFound` if it is gone, also where something else has taken its place. */
export async function readPredictions(read: ReadObject, key: string, columns: readonly Column[]): Promise<Predictions> {
  const bytes = await read(key);
  const spoilt = (cause: Error) =>
    new ObjectNotFound(`${key} has no predictions any more: ${cause.message}`, { cause });
  return decodePredictions(bytes, columns).catch(insteadOf(Error, spoilt));
}

/** Reads these columns of a file; they must include those of each chip's place and origin. */
export async function decodePredictions(bytes: Uint8Array, columns: readonly Column[]): Promise<Predictions> {
  const file = new Uint8Array(bytes).buffer; // a copy, because the bytes may lie within a pool
  const metadata = parquetMetadata(file, { geoparquet: false }); // footprints stay bytes
  const inFile = new Set(metadata.schema.map(({ name }) => name));
  const names = columns.map(({ name }) => name).filter((name) => inFile.has(name));
  const rows = await parquetReadObjects({ file, metadata, columns: names, utf8: false });
  const valuesOf = ({ name, type, isRequired, isOptional }: Column) => {
    if (isOptional && !inFile.has(name)) return rows.map(() => null);
    return z.array(isRequired ? valueSchemas[type] : valueSchemas[type].nullable()).parse(rows.map((row) => row[name]));
  };
  return Object.fromEntries(columns.map((column) => [column.name, valuesOf(column)])) as Values as Predictions;
}
