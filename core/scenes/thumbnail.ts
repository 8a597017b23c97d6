import type { Plane } from '../arrays/dataTypes.ts';
import { encodePng } from '../arrays/encodePng.ts';
import type { Size } from '../arrays/resize.ts';
import { precise } from '../base/text/numbers.ts';
import type { Chip, ModelPackage } from '../package/package.ts';
import { textPicture } from './textPicture.ts';

/** A chip without height and width is a row of values, which say more than a picture of one pixel. */
export const isOfRows = ({ tensor }: ModelPackage): boolean => !tensor.dimensions.includes('height');

/**
 * Makes the function that renders a chip as a PNG file of its own height and width. Chips with a side longer than
 * `longestSide` are reduced to a whole fraction; each pixel is then the mean of a square.
 *
 * The picture is in true colour if the package names a red, a green and a blue band (`eo:common_name`). Otherwise it is
 * grey: the first of the file's bands that the model takes unchanged, or else the file's first. Values of any type are
 * stretched linearly (see `rangeOf`); values that are not finite are black. Texts, and the values of a row, are an
 * SVG image: see `pictureType`.
 */
export function makeThumbnail(
  model: ModelPackage,
  longestSide = Number.POSITIVE_INFINITY,
): (chip: Pick<Chip, 'planes' | 'texts'>) => Uint8Array {
  const bands = shownBands(model);
  const factor = Math.max(1, Math.ceil(Math.max(model.source.height, model.source.width) / longestSide));
  return ({ planes, texts }) => {
    if (texts !== undefined) return textPicture(texts);
    const shownOf = (plane: Plane, i: number) => `${model.source.bands[i]!.name} ${precise(plane[0]!)}`;
    if (isOfRows(model)) return textPicture([planes.map(shownOf).join(', ')]);
    const shown = bands.map((band) => reduce(planes[band]!, model.source, factor));
    const values = shown.map((one) => one.values);
    const { width, height } = shown[0]!;
    return encodePng({ data: stretch(values, rangeOf(values)), width, height, channels: bands.length });
  };
}

/** Returns the indices of the file's bands that a picture shows: three or one. */
export function shownBands({ source, bands }: Pick<ModelPackage, 'source' | 'bands'>): number[] {
  const rgb = ['red', 'green', 'blue'].map((name) => source.bands.findIndex(({ commonName }) => commonName === name));
  if (rgb.every((band) => band >= 0)) return rgb;
  return [bands.flatMap((band) => ('source' in band ? [band.source] : []))[0] ?? 0];
}

export type Range = { black: number; white: number };

/**
 * Returns the range to stretch: black is the 2nd percentile and white the 98th of the finite values of all bands together.
 * In colour, black is half of its percentile if that is above 0: over bare soil red and blue are so far apart, and in a
 * closed cloud so close, that the former came out pure orange and the latter violet.
 */
export function rangeOf(planes: readonly Plane[]): Range {
  const values = Float64Array.from(planes.flatMap((plane) => Array.from(plane)))
    .filter(Number.isFinite)
    .sort();
  const [low, white] = [quantile(values, 0.02), quantile(values, 0.98)];
  return { black: planes.length > 1 && low > 0 ? low / 2 : low, white };
}

/** Interpolates linearly between neighbours, like numpy.quantile by default. NaN if there are no values. */
function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const [low = Number.NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

/** Stretches the values to bytes, pixel-interleaved; mid grey if black equals white. */
export function stretch(planes: readonly Plane[], { black, white }: Range): Uint8Array {
  const bytes = new Uint8ClampedArray(planes.length * planes[0]!.length); // rounds, and turns NaN into 0
  for (const [band, plane] of planes.entries())
    for (let at = 0; at < plane.length; at += 1) {
      const value = plane[at]!;
      const share = white > black ? (value - black) / (white - black) : 0.5;
      bytes[at * planes.length + band] = Number.isFinite(value) ? 255 * share : 0;
    }
  return new Uint8Array(bytes.buffer);
}

/** Returns the means of squares of `factor` × `factor` pixels; squares at the right and lower edges may be incomplete. */
function reduce(plane: Plane, { height, width }: Size, factor: number): Size & { values: Plane } {
  if (factor === 1) return { height, width, values: plane };
  const reduced = { height: Math.ceil(height / factor), width: Math.ceil(width / factor) };
  const sums = new Float64Array(reduced.height * reduced.width);
  const counts = new Float64Array(sums.length);
  plane.forEach((value, i) => {
    const y = Math.floor(Math.floor(i / width) / factor);
    const square = y * reduced.width + Math.floor((i % width) / factor);
    sums[square]! += value;
    counts[square]! += 1;
  });
  return { ...reduced, values: sums.map((sum, square) => sum / counts[square]!) };
}
