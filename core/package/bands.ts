import { bytesPerValue, type DataType, makePlane, type Plane, planeOver, toPhysical } from '../arrays/dataTypes.ts';
import { makeEvaluator } from '../arrays/expression.ts';
import { isSameSize, makeResize, makesNewValues } from '../arrays/resize.ts';
import { InvalidSceneFile } from '../base/errors.ts';
import { MAX_PART_BYTES } from '../base/limits.ts';
import type { ModelPackage } from './package.ts';

/**
 * Returns the bands of a prepared chip, in the model's order and of the model's height × width. A band of the file keeps
 * its type (a quarter of the bytes for uint8) unless its values are computed: derived and interpolated bands are float32, or
 * float64 where float32 would round what a file holds or an input takes before it is scaled, such as seconds since 1970.
 */
export function preparedBands({ bands, resize, source, tensor, inputs }: ModelPackage) {
  const isInterpolated = resize !== null && makesNewValues(resize) && !isSameSize(source, tensor);
  const types = [...source.bands, ...inputs.map((input) => input.tensor)].map(({ dataType }) => dataType);
  const computed = /64|int32/.test(types.join()) ? 'float64' : 'float32';
  return bands.map((band) => {
    const dataType: DataType = 'plan' in band || isInterpolated ? computed : source.bands[band.source]!.dataType;
    return { name: band.name, dataType, bytesPerChip: tensor.height * tensor.width * bytesPerValue(dataType) };
  });
}

/** Returns arrays for the prepared bands of `chips` chips: for each band the values of chip 0, of chip 1, … */
export const emptyBands = (model: ModelPackage, chips: number) =>
  preparedBands(model).map(({ name, dataType, bytesPerChip }) => {
    return { name, dataType, values: makePlane(dataType, (chips * bytesPerChip) / bytesPerValue(dataType)) };
  });

/** Returns the bands of one of some prepared chips. */
export const planesOf = (of: { chips: number; bands: readonly { values: Plane }[] }, chip: number): Plane[] =>
  of.bands.map(({ values }) => {
    const size = values.length / of.chips;
    return values.subarray(chip * size, (chip + 1) * size);
  });

/**
 * Returns a source as arrays, records, tables and requests hold it: with the types of what is stored, whatever the model
 * takes; `asMeant` makes a plane of it what the model takes. Rasters do that themselves, as they may state another scale.
 */
export function storedIn({ bands, ...size }: ModelPackage['source']) {
  const asStored = bands.map(({ physical, dataType: taken, ...band }) => {
    const dataType = physical?.stored ?? taken;
    const bytesPerChip = size.height * size.width * bytesPerValue(dataType);
    const asMeant = (plane: Plane) => (physical ? toPhysical(plane, makePlane(taken, plane.length), physical) : plane);
    return { ...band, dataType, bytesPerChip, asMeant };
  });
  return { ...size, bands: asStored };
}

/**
 * Makes the function that reads a record's bytes as values: one entry of little-endian values per source band, in order.
 * The planes are views of the bytes where alignment allows, else copies.
 * @throws {InvalidSceneFile} from the returned function, when a band does not have the size that the package states; the
 *   message begins with `where`
 */
export function makeSourceReader(model: ModelPackage) {
  const { bands, height, width } = storedIn(model.source);
  return (bytes: readonly Uint8Array[], where: () => string): Plane[] =>
    bands.map(({ name, dataType, bytesPerChip, asMeant }, i) => {
      const found = bytes[i]?.length ?? 0;
      if (found !== bytesPerChip)
        throw new InvalidSceneFile(
          `${where()}: band ${name}: found ${found} bytes, allowed are ${bytesPerChip} (${height} × ${width} ${dataType})`,
        );
      return asMeant(planeOver(dataType, bytes[i]!));
    });
}

/**
 * Makes the function that computes a chip's prepared bands: expressions on the source values, then the resize. It takes the
 * source planes in order and writes to the planes of `out`, which are as `preparedBands` describes.
 */
export function makeBandSelector(model: ModelPackage): (source: readonly Plane[], out: readonly Plane[]) => void {
  const { source, tensor } = model;
  const resize = makeResize(model.resize, source, tensor);
  const readers = model.bands.map((band) =>
    'plan' in band
      ? makeEvaluator(band.plan, source.height * source.width)
      : (planes: readonly Plane[]) => planes[band.source]!,
  );
  return (planes, out) => {
    for (const [i, read] of readers.entries()) resize(read(planes), out[i]!);
  };
}

/** Returns how many chips of this model a prepared part may hold, up to `wanted`. */
export function chipsPerPart(model: ModelPackage, wanted: number): number {
  const bytes = preparedBands(model).reduce((sum, { bytesPerChip }) => sum + bytesPerChip, areaPixelsOf(model));
  return Math.max(1, Math.min(wanted, Math.floor(MAX_PART_BYTES / bytes)));
}

/** Returns for how many pixels of a chip a part says whether they hold data: all, for pixel models, else none. */
export const areaPixelsOf = ({ output, tensor }: ModelPackage): number =>
  output.pixels === null ? 0 : tensor.height * tensor.width;
