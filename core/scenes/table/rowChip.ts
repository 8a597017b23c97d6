import type { Carried } from '../../package/carry.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { carriedText } from '../carriedText.ts';
import type { TableColumns } from './columns.ts';
import { makeReadTruth } from './truth.ts';

type RowContent = Pick<Chip, 'planes' | 'texts' | 'nodataShare'>;
export type Cell = string | number | bigint | null;
/** @param as what it is wanted as, where that matters: booleans as texts are `true` and `false` */
type CellIn = (column: number, as: Carried['type']) => Cell;

/**
 * Makes what returns a row's chip, from its planes or texts, the cell of its truth, and the cells of what is passed through.
 * @throws {InvalidSceneFile} from the returned function for an invalid cell; the message begins with `where`
 */
export function makeRowChip(model: ModelPackage, columns: TableColumns) {
  const { carry = [] } = model;
  const readTruth = makeReadTruth(model);
  return (index: number, from: RowContent, said: Cell, cellIn: CellIn, where: () => string): Chip => {
    const truth = readTruth(said, () => `${where()}: column ${model.truth}`);
    const chip = { place: { index, kind: 'index' }, ...from, truth } as const;
    if (carry.length === 0) return chip;
    const carried = carry.map((one, i) => {
      const column = columns.carried[i];
      const cell = column == null ? null : cellIn(column, one.type);
      if (cell === null || (typeof cell === 'number' && one.type === 'DOUBLE')) return cell;
      return carriedText(one, String(cell), where);
    });
    return { ...chip, carried };
  };
}
