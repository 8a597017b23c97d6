import { parquetFile } from '../tables/parquet.ts';
import { truthTable } from '../tables/truthTable.ts';
import type { ToldTruths } from './toldTruths.ts';

/** How a chip goes by in the predictions, for whoever reads the table. */
export type ToldChip = { readonly id: string; readonly member: string | null; readonly request: string | null };

/** The columns of what is true, of which a task's chips have one. Those that came later are the last of the table. */
const TRUTHS = ['truth', 'true_value', 'true_labels', 'true_pixels'];

/** A file of the table `truth`: a row a chip, in the scene file's order, so that the same truths are the same bytes. */
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
