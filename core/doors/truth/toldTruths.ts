import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import type { TruthValue } from '../../package/task.ts';

/** A late truth of a chip; the last one counts. */
export type Told = {
  readonly index: number;
  readonly truth: TruthValue;
  /** When it was stated (ISO). */
  readonly at: string;
};

/** The late truths of a run's chips, by index in the scene file. */
export type ToldTruths = ReadonlyMap<number, Told>;

export type Merged = { readonly truths: ToldTruths; readonly isChanged: boolean };

/**
 * Merges new truths into the known ones. Of two for one chip the later counts, and of two with the same time the larger
 * value, so the result does not depend on their order or on repetitions.
 */
export function merged(before: ToldTruths, told: readonly Told[]): Merged {
  const truths = new Map(before);
  let isChanged = false;
  for (const one of told) {
    const known = truths.get(one.index);
    if (known !== undefined && !isLater(one, known)) continue;
    truths.set(one.index, one);
    isChanged = true;
  }
  return { truths, isChanged };
}

export function isLater(one: Told, other: Told): boolean {
  return one.at === other.at ? one.truth > other.truth : one.at > other.at;
}

const rowSchema = z.object({
  index: z.int(),
  truth: z.int().nullable(),
  true_value: z.number().nullable(),
  true_labels: z.string().nullable(),
  true_pixels: z.string().nullable(),
  told: z.date(),
});

export async function decodeTold(bytes: Uint8Array): Promise<ToldTruths> {
  const file = new Uint8Array(bytes).buffer; // a copy, because the bytes may lie within a pool
  const metadata = parquetMetadata(file, { geoparquet: false });
  const columns = Object.keys(rowSchema.shape);
  const rows = await parquetReadObjects({ file, metadata, columns });
  return new Map(
    rows.map((row) => {
      const { index, truth, true_value, true_labels, true_pixels, told } = rowSchema.parse(row);
      return [index, { index, truth: (truth ?? true_value ?? true_labels ?? true_pixels)!, at: told.toISOString() }];
    }),
  );
}
