import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import * as z from 'zod';

const rowSchema = z
  .object({
    chip_id: z.string(),
    index: z.int(),
    offset: z.bigint(),
    length: z.int(),
    label: z.int().nullable(),
    class: z.string().nullable(),
    probability: z.number().nullable(),
    truth: z.int().nullable(),
    digest: z.string().nullable(),
    scene: z.string().nullable(),
    run: z.string().nullable(),
    member: z.string().nullish(),
    request_id: z.string().nullish(),
    feature_id: z.string().nullish(),
    feature_time: z.string().nullish(),
    feature_version: z.string().nullish(),
    second_feature_id: z.string().nullish(),
    second_feature_time: z.string().nullish(),
    second_feature_version: z.string().nullish(),
    acquired: z.date().nullish(),
    geometry: z.object({ type: z.literal('Polygon'), coordinates: z.array(z.array(z.array(z.number()))) }).nullish(),
  })
  .catchall(z.number().nullable());

/** A row of the predictions; `p_<class value>` are its only other columns. */
export type Prediction = z.infer<typeof rowSchema>;

/** Reads a Parquet file of predictions by a library that is not the writer's own code. */
export async function readPredictions(bytes: Uint8Array): Promise<{ rows: Prediction[]; metadata: FileMetaData }> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file });
  return { rows: z.array(rowSchema).parse(rows), metadata: parquetMetadata(file) };
}

/** Each column as `name TYPE REQUIRED`, or OPTIONAL. */
export function columnTypes({ schema }: FileMetaData): string[] {
  return schema
    .slice(1)
    .map(({ name, type, converted_type, repetition_type }) => `${name} ${converted_type ?? type} ${repetition_type}`);
}
