import { parquetFile } from '../tables/parquet.ts';
import { truthTable } from '../tables/truthTable.ts';
import type { ToldTruths } from './toldTruths.ts';

/** How a chip goes by in the predictions, for whoever reads the table. */
export type ToldChip = { readonly id: string; readonly member: string | null; readonly request: string | null };

/** A file of the table `truth`: a row a chip, in the scene file's order, so that the same truths are the same bytes. */
export async function encodeTold(
  of: { run: string; scene: string; column: 'truth' | 'true_value' },
  truths: ToldTruths,
  chipOf: (index: number) => ToldChip | undefined,
): Promise<Uint8Array> {
  const rows = [...truths.values()]
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, truth, at }) => {
      const { id, member, request } = chipOf(index)!;
      const [value, number] = of.column === 'truth' ? [truth, null] : [null, truth];
      return [id, index, value, number, new Date(at), member, request, of.scene, of.run];
    });
  return parquetFile(truthTable.columns, rows);
}
