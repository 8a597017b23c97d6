import { bytesPerValue, isFloat, makePlane, type Plane, rangeOf } from '../../arrays/dataTypes.ts';
import { makeResize, makesNewValues, type ResizeType, type Size } from '../../arrays/resize.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { MAX_ENLARGEMENT } from '../../base/limits.ts';
import type { Chip } from '../../package/chip.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Raster } from '../raster/raster.ts';
import { makeReadPlanes } from '../raster/readPlanes.ts';
import { pictureColours } from './pictureColours.ts';

/**
 * Makes one chip of a whole picture, for a package that takes pictures (`swath:picture`), whichever way the picture came:
 * its colours become the package's, its size the package's, and each pixel counts, transparent or not. The chip's warnings
 * say what was done. docs/input.md#pictures
 * @param mostBytes the largest decoded picture
 * @throws {InvalidSceneFile} with what was found and what is allowed
 */
export async function pictureChip(
  where: string,
  picture: Raster,
  { source, resize }: Pick<ModelPackage, 'source' | 'resize'>,
  mostBytes: number,
): Promise<Pick<Chip, 'planes' | 'warnings' | 'nodataShare'>> {
  const { width, height } = picture;
  checkSize(where, picture, source, mostBytes);
  const { raster, bands, warnings } = await pictureColours(where, picture, source.bands);
  const read = makeReadPlanes(where, raster, bands, { source: { bands: source.bands, width, height } });
  const { planes, valid } = await read({ x: 0, y: 0, width, height });
  const said = [...warnings, ...transparencySaid(picture, valid)];
  const isResized = width !== source.width || height !== source.height;
  const type = resizeTypeFor(resize, picture, source);
  if (isResized) said.push(resizeSaid(picture, source, type));
  return {
    planes: isResized ? resizePlanes(planes, type, picture, source) : planes,
    nodataShare: 0,
    ...(said.length > 0 && { warnings: said }),
  };
}

function checkSize(where: string, picture: Raster, wanted: Size, mostBytes: number): void {
  const { width, height } = picture;
  const least = { width: leastOf(wanted.width), height: leastOf(wanted.height) };
  if (width < least.width || height < least.height)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, allowed are ${wanted.width} × ${wanted.height}, or another size from ${least.width} × ${least.height} on, which is resized`,
    );
  const bytes = picture.bands.reduce((sum, { type = picture.type }) => sum + width * height * sizeOf(type), 0);
  if (bytes > mostBytes)
    throw new InvalidSceneFile(
      `${where}: found ${width} × ${height} pixels, ${bytes} bytes as they are decoded, allowed are at most ${mostBytes} (the parameter maxRecordBytes). Reduce it.`,
    );
}

const leastOf = (side: number): number => Math.ceil(side / MAX_ENLARGEMENT);

const sizeOf = (type: Raster['type']): number => (type === 'int64' || type === 'uint64' ? 8 : bytesPerValue(type));

function transparencySaid({ bands, alpha }: Raster, valid: Uint8Array | null): string[] {
  if (alpha === null && valid === null) return [];
  const isOfNodata = alpha === null && bands.some(({ nodata }) => nodata !== null);
  return [`Its ${isOfNodata ? 'nodata value' : 'transparency'} was ignored.`];
}

function resizeSaid(from: Size, to: Size, type: ResizeType): string {
  const distorts = isSameShape(from, to) ? '' : ', which distorts it: it has another shape';
  return `It was resized from ${from.width} × ${from.height} to ${to.width} × ${to.height} (${type})${distorts}.`;
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

/** Where sums of parts such as 1/3 end just below a half, which they are. */
const TIE = 1e-9;

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
    else
      for (let i = 0; i < values.length; i += 1)
        resized[i] = Math.min(Math.max(Math.round(values[i]! + TIE), low), high);
    return resized;
  });
}
