import { parquetFile } from '../../tables/parquet.ts';
import { truthTable } from '../../tables/truthTable.ts';
import type { ToldTruths } from './toldTruths.ts';

/** A chip's identifiers as in the predictions, for readers of the table. */
export type ToldChip = { readonly id: string; readonly member: string | null; readonly request: string | null };

/** The columns of truths, of which each task uses one. New ones are appended. */
const TRUTHS = ['truth', 'true_value', 'true_labels', 'true_pixels'];

/**
 * Encodes a file of the table `truth`: a row per chip, in the scene file's order, so that equal truths give equal bytes.
 */
export async function encodeTold(
  of: { run: string; scene: string; column: string },
  truths: ToldTruths,
  chipOf: (index: number) => ToldChip | undefined,
): Promise<Uint8Array> {
  const rows = [...truths.values()]
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, truth, at }) => {
      const { id, member, request } = chipOf(index)!;
      const said = TRUTHS.map((column) => (column === of.column ? truth : null));
      return [id, index, ...said.slice(0, 2), new Date(at), member, request, of.scene, of.run, ...said.slice(2)];
    });
  return parquetFile(truthTable.columns, rows);
}
