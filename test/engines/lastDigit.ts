import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { editedPackage, OUTPUT, smallModel } from '../benches/packages.ts';

const classes = Array.from({ length: 10 }, (_, value) => ({ value, name: `c${value}` }));

/** A model of one value a chip, whose class is the value's last decimal digit, as the engines here have it. */
export const lastDigit: ModelPackage = {
  ...(await editedPackage(
    [
      ...smallModel([{ name: 'A', data_type: 'uint16' }], [1, 1]),
      [`${OUTPUT}/classification:classes`, classes],
      [`${OUTPUT}/result/shape`, [-1, classes.length]],
    ],
    { classes: Object.fromEntries(classes.map(({ name }) => [name, 1])) },
  )),
  batchSize: 64,
};

export function chipOf(value: number): Chip {
  return { place: { index: 0, kind: 'index' }, planes: [Uint16Array.of(value)], truth: null };
}
