import type { Plane } from '../../arrays/dataTypes.ts';
import type { Carried } from '../../package/carry.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { carriedText } from '../carriedText.ts';
import type { TableColumns } from './columns.ts';
import type { TextChipOf } from './textChip.ts';
import { makeReadTruth } from './truth.ts';

export type Cell = string | number | bigint | null;
/** @param as what it is wanted as, where that matters, absent for a truth: booleans as texts are `true` and `false` */
type CellIn = (column: number, as?: Carried['type']) => Cell;

/**
 * Makes what returns a row's chip: from its planes, or its texts if `textChip` takes them, with its truth and what is passed through.
 * @throws {InvalidSceneFile} from the returned function for an invalid cell; the message begins with `where`
 */
export function makeRowChip(model: ModelPackage, columns: TableColumns, textChip: TextChipOf | undefined) {
  const { carry = [] } = model;
  const readTruth = makeReadTruth(model);
  return (index: number, planes: () => Plane[], cellIn: CellIn, where: () => string): Chip => {
    const texts = () => columns.bands.map((column) => String(cellIn(column, 'STRING') ?? ''));
    const from = textChip ? textChip(texts()) : { planes: planes() };
    const said = columns.truth === null ? null : cellIn(columns.truth);
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
