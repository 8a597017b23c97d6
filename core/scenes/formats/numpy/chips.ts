import { type Plane, planeOver } from '../../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { storedIn } from '../../../package/bands.ts';
import type { Dimension } from '../../../package/facts.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { isHeldBy } from '../../lossless.ts';
import { copyPlane, dtypeOf, type Values, valuesOf } from './dtype.ts';
import { type NpyHeader, shownShape } from './header.ts';

export type ChipArray = ReturnType<typeof chipArrayOf>;

/**
 * Interprets an array as chips of this model: chips × the dimensions of the model's input, in its order, in the file's own
 * height, width and bands.
 * @throws {InvalidSceneFile} when the array does not fit; the message begins with `where`
 */
export function chipArrayOf(where: string, header: NpyHeader, { source, tensor }: ModelPackage) {
  const { bands, height, width } = storedIn(source);
  const dtype = dtypeOf(where, header.descr);
  const inner = tensor.dimensions.filter((dimension) => dimension !== 'batch');
  const sizes: Sizes = { bands: bands.length, height, width };
  const wanted = inner.map((dimension) => sizes[dimension]);
  const [chips = 0, ...found] = header.shape;
  if (found.length !== wanted.length || found.some((size, i) => size !== wanted[i]))
    throw new InvalidSceneFile(
      `${where}: found an array of the shape ${shownShape(header)}, allowed is [any, ${wanted.join(', ')}]: chips × ${inner.join(' × ')}`,
    );
  if (chips === 0) throw new InvalidSceneFile(`${where}: found an array without chips, allowed is at least one`);
  for (const { name, dataType } of bands)
    if (!isHeldBy(dtype.name, dataType))
      throw new InvalidSceneFile(
        `${where}: found values of ${dtype.name}, allowed is ${dataType} for the band ${name}, or a type whose every value ${dataType} holds`,
      );

  const chipValues = bands.length * height * width;
  const steps = stepsOf(inner, sizes, header.isFortranOrder ? chips : 1, header.isFortranOrder);
  const bandWhere = (index: number, band: number) => () => `${where}: chip ${index}: band ${bands[band]!.name}`;
  const planes = (values: Values, start: number, index: number) =>
    bands.map(({ dataType, asMeant }, band) =>
      asMeant(copyPlane(values, start + band * steps.bands, steps, source, dataType, bandWhere(index, band))),
    );
  const isAsItStands = !dtype.isBigEndian && bands.every(({ dataType }) => dataType === dtype.name);
  const isView = inner[0] === 'bands' && inner[1] === 'height' && isAsItStands;
  return {
    chips,
    isFortranOrder: header.isFortranOrder,
    dataStart: header.dataStart,
    chipBytes: chipValues * dtype.bytes,
    bytes: chips * chipValues * dtype.bytes,
    /** Returns the planes of one chip from its own bytes, of an array in C order, as views or copies. */
    planesOfChip(index: number, bytes: Uint8Array): Plane[] {
      if (!isView) return planes(valuesOf(dtype, bytes), 0, index);
      return bands.map(({ dataType, bytesPerChip, asMeant }, band) =>
        asMeant(planeOver(dataType, bytes.subarray(band * bytesPerChip, (band + 1) * bytesPerChip))),
      );
    },
    /** Returns the planes of any chip from the bytes of the whole array. */
    planesIn(bytes: Uint8Array) {
      const values = valuesOf(dtype, bytes);
      return (index: number) => planes(values, header.isFortranOrder ? index : index * chipValues, index);
    },
  };
}

type Sizes = Record<Exclude<Dimension, 'batch'>, number>;

/** Returns the stride of each dimension. In Fortran order the first dimension varies fastest, and `first` is its size. */
function stepsOf(inner: readonly (keyof Sizes)[], sizes: Sizes, first: number, isFortranOrder: boolean): Sizes {
  const steps: Sizes = { bands: 1, height: 1, width: 1 };
  let step = first;
  for (const dimension of isFortranOrder ? inner : inner.toReversed()) {
    steps[dimension] = step;
    step *= sizes[dimension];
  }
  return steps;
}
