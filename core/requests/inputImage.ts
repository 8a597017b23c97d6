import { InvalidSceneFile } from '../errors.ts';
import { MAX_ENLARGEMENT } from '../limits.ts';
import { bytesPerValue, isFloat, makePlane, type Plane, rangeOf } from '../models/dataTypes.ts';
import type { ModelPackage } from '../models/package.ts';
import { makeResize, makesNewValues, type ResizeType, type Size } from '../models/resize.ts';
import type { Chip, Place } from '../scenes/chip.ts';
import { openChipImage } from '../scenes/image/imageChip.ts';
import { matchBands } from '../scenes/raster/matchBands.ts';
import type { Raster } from '../scenes/raster/raster.ts';
import { makeReadPlanes } from '../scenes/raster/readPlanes.ts';
import { convertColours } from './convertColours.ts';

/**
 * Reads an inline image as a chip. Colours are converted to grey, and grey to colours, if the package takes those; an image
 * of the same shape but another size is resized. The chip's warnings say so. docs/requests.md#images
 *
 * @param mostBytes the largest decoded image
 * @throws {InvalidSceneFile} with what was found and what is allowed
 */
export async function inputImage(
  where: string,
  bytes: Uint8Array,
  place: Place,
  { source, resize }: Pick<ModelPackage, 'source' | 'resize'>,
  mostBytes: number,
): Promise<Chip> {
  const opened = await openChipImage({ where, bytes, of: { name: 'request' } }, mostBytes);
  const { width, height } = opened;
  checkSize(where, opened, source, mostBytes);
  const { raster, warnings } = await convertColours(where, opened, source.bands);
  const { bands } = matchBands(where, raster, source.bands);
  const read = makeReadPlanes(where, raster, bands, { bands: source.bands, width, height });
  const { planes, nodataShare } = await read({ x: 0, y: 0, width, height });
  const chip = { place, truth: null, nodataShare };
  if (width === source.width && height === source.height)
    return { ...chip, planes, ...(warnings.length > 0 && { warnings }) };
  if (nodataShare > 0)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, some of them without data, allowed are ${source.width} × ${source.height}: an image is resized only where each of its pixels holds data, as the values of neighbours are mixed`,
    );
  const type = resizeTypeFor(resize, opened, source);
  const resized = resizePlanes(planes, type, opened, source);
  const said = `It was resized from ${width} × ${height} to ${source.width} × ${source.height} (${type}).`;
  return { ...chip, planes: resized, warnings: [...warnings, said] };
}

function checkSize(where: string, raster: Raster, wanted: Size, mostBytes: number): void {
  const { width, height } = raster;
  const least = { width: leastOf(wanted.width), height: leastOf(wanted.height) };
  if (!isSameShape(raster, wanted) || width < least.width || height < least.height)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, allowed are ${wanted.width} × ${wanted.height}, or another size of the same shape, from ${least.width} × ${least.height} on, which is resized. Crop it, or send it as a file of its own, which is cut into chips.`,
    );
  const bytes = raster.bands.reduce((sum, { type = raster.type }) => sum + width * height * sizeOf(type), 0);
  if (bytes > mostBytes)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, ${bytes} bytes as they are decoded, allowed are at most ${mostBytes} (the parameter maxRecordBytes). Reduce it, or send it as a file of its own, which is cut into chips.`,
    );
}

function leastOf(side: number): number {
  return Math.ceil(side / MAX_ENLARGEMENT);
}

function sizeOf(type: Raster['type']): number {
  return type === 'int64' || type === 'uint64' ? 8 : bytesPerValue(type);
}

/** Returns whether one size is a scaled version of the other, with sides rounded to a pixel. */
function isSameShape(one: Size, other: Size): boolean {
  const becomes = (from: Size, to: Size) =>
    Math.round((from.height * to.width) / from.width) === to.height ||
    Math.round((from.width * to.height) / from.height) === to.width;
  return becomes(one, other) || becomes(other, one);
}

/** Returns the package's own resize type if it scales: a crop or pad would remove or add a border. */
function resizeTypeFor(own: ResizeType | null, from: Size, to: Size): ResizeType {
  if (own !== null && own !== 'crop' && own !== 'pad') return own;
  const isReduced = from.width >= to.width && from.height >= to.height;
  return isReduced ? 'interpolation-area' : 'interpolation-linear';
}

/** Rounds new integer values half up, and clamps them to their type, because some kernels overshoot. */
function resizePlanes(planes: readonly Plane[], type: ResizeType, from: Size, source: ModelPackage['source']): Plane[] {
  const { bands, ...to } = source;
  const resize = makeResize(type, from, to);
  const values = new Float64Array(to.width * to.height);
  return planes.map((plane, band) => {
    const { dataType } = bands[band]!;
    const resized = makePlane(dataType, values.length);
    resize(plane, values);
    const { low, high } = rangeOf(dataType);
    if (isFloat(dataType) || !makesNewValues(type)) resized.set(values);
    else for (let i = 0; i < values.length; i += 1) resized[i] = Math.min(Math.max(Math.round(values[i]!), low), high);
    return resized;
  });
}
