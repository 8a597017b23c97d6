import { cited, citedStart, InvalidSceneFile, listed } from '../../base/errors.ts';
import { MAX_BANDS, MAX_RASTER_BLOCKS, MAX_RASTER_PIXELS, type SceneLimits } from '../../base/limits.ts';
import type { SourceBand } from '../../package/facts.ts';
import { matchBands, namesOf } from '../raster/matchBands.ts';
import type { Blocks, Raster, RasterLimits, RasterType, ReadBlocks } from '../raster/raster.ts';
import { makeRasterValues } from '../raster/raster.ts';
import { stackRasters } from '../raster/stackRasters.ts';
import { makeWindowReader } from '../raster/windows.ts';
import { placeOf, timesOf } from './coordinates.ts';
import { type Cube, type CubeBlock, type CubeVariable, refuseMissing, TYPES, valuesOf, variableNear } from './cube.ts';
import { withOneNodata } from './missing.ts';

/** The cache for decoded blocks of all variables: a row of chunks, and two of the next, of thirteen bands of a Sentinel-2 product (EOPF). */
const CACHE_BYTES = 512 * 1024 ** 2;
const AT_ONCE = 8; // blocks to read: each may be an object of its own

/** A variable with two sides, and what its other dimensions are. The values along one of them may be bands. */
type Image = { variable: CubeVariable; type: RasterType; x: number; y: number; across: number; others: number[] };

/** Names of dimensions, and what CF says of their coordinates (4, 5.6): an axis, a standard name. */
const X = /^(x|xc|lon|longitude|easting|cols?|columns?|rlon|projection_x_coordinate|grid_longitude)$/i;
const Y = /^(y|yc|lat|latitude|northing|rows?|lines?|rlat|projection_y_coordinate|grid_latitude)$/i;
const BANDS = /^(bands?|channels?|wavelengths?)$/i;

/**
 * Returns the raster of a package's bands in a file of variables, found by the variables' names, those of most pixels first.
 * @throws {InvalidSceneFile} when they are not all there, or are no images of one date and place
 */
export async function stackCube(key: string, cube: Cube, wanted: readonly SourceBand[], limits: SceneLimits) {
  const images = cube.variables.flatMap((one) => imageOf(cube, one)).sort(inOrder);
  const named = await Promise.all(images.map((image) => labelsOf(key, cube, image, wanted)));
  const all = images.flatMap((image, i) => named[i]!.map((description, band) => ({ image, band, description })));
  const isWanted = (one: string) => wanted.some(({ name }) => one === name || one.endsWith(`/${name}`));
  const isUnread = (one: CubeVariable) => one.shape.includes(0) || (!one.type && !one.isText && one.shape.length > 1);
  const odd = cube.variables.find((one) => isUnread(one) && isWanted(one.path));
  const isThere = named.flat().some((name) => name !== null && isWanted(name));
  if (odd?.shape.includes(0) && !isThere)
    throw new InvalidSceneFile(
      `${key}: found ${odd.shape.join(' × ')} values in the variable ${cited(odd.path)}, allowed is at least one along each dimension. Write it anew with its values.`,
    );
  if (odd !== undefined && !isThere)
    throw new InvalidSceneFile(
      `${key}: found values of ${odd.stored} in the variable ${cited(odd.path)}, allowed are ${TYPES.join(', ')}. Write it as one of them: ${cube.remedies.convert}`,
    );
  const unstated = { scale: null, offset: null, nodata: null };
  const isNamed = all.some(({ description }) => description !== null && isNameIn(wanted, description));
  const alongDimensions = all.filter(({ image }) => image.across >= 0);
  const found = !isNamed && alongDimensions.length === wanted.length ? alongDimensions : all; // without maps beside them
  const bands = found.map(({ description }) => ({ ...unstated, description }));
  const { bands: matched, by } = matchBands(key, { bands, alpha: null, photometric: 'other' }, wanted, true);
  const chosen = matched.map((band) => found[band]!);
  const used = [...new Set(chosen.map(({ image }) => image))];
  if (by === 'position' && (used.length > 1 || used[0]!.across < 0 || axisOf(cube, used[0]!)?.type === null))
    throw new InvalidSceneFile(
      `${key}: found the bands ${cited(listed(chosen.map(({ description }) => description ?? '(no name)')))}, allowed are the bands ${namesOf(wanted)}: variables of these names, or one variable that lists them in “long_name”, or has ${wanted.length} without names in this order, along a dimension “band”`,
    );
  const isEqual = (a: (typeof all)[0]) => (b: typeof a) =>
    a.description === b.description && !inOrder(a.image, b.image);
  const equal = all.filter((one) => by !== 'position' && chosen.some(isEqual(one)));
  if (equal.length > chosen.length)
    throw new InvalidSceneFile(
      `${key}: found ${cited(listed(equal.map(({ image }) => image.variable.path)))} of equal size, allowed is one variable for a band. Leave others out.`,
    );
  const sum = used.reduce((total, image) => total + pixelsOf(image), 0);
  const rasters = new Map<Image, Raster>();
  for (const image of used) {
    const isPhysical = chosen.some((one, i) => one.image === image && wanted[i]!.physical);
    const most = { maxBlockBytes: limits.maxRecordBytes, cacheBytes: (CACHE_BYTES * pixelsOf(image)) / sum };
    rasters.set(image, await rasterOf(key, cube, image, most, isPhysical));
  }
  const layers = chosen.map(({ image, band }, i) => ({
    ...{ key: `the variable ${image.variable.path}`, raster: rasters.get(image)!, band },
    about: { ...unstated, description: wanted[i]!.name },
    method: wanted[i]!.resampling,
  }));
  const raster = await stackRasters(key, layers);
  const times = await timesOf(cube, used[0]!.variable);
  cube.about(); // of coordinates that are the fill value
  return { raster, times, match: { bands: [...layers.keys()], by: by === 'description' ? ('name' as const) : by } };
}

const isNameIn = (wanted: readonly SourceBand[], one: string): boolean =>
  wanted.some(({ name, commonName }) => [name, commonName].some((own) => own?.toLowerCase() === one.toLowerCase()));

const pixelsOf = ({ variable: { shape }, x, y }: Image): number => shape[x]! * shape[y]!;

/** EOPF has masks, of detectors and of quality, that are called as the bands. */
const maskOf = ({ variable }: Image): number => Number(/(^|\/)(mask|conditions|quality)\//.test(variable.path));
const inOrder = (a: Image, b: Image): number => maskOf(a) - maskOf(b) || pixelsOf(b) - pixelsOf(a);

const axisOf = (cube: Cube, { variable, across }: Image) =>
  variableNear(cube, variable.path, variable.dimensions[across] ?? '');

/** Returns none for what is no image: coordinates, texts, single numbers. */
function imageOf(cube: Cube, variable: CubeVariable): Image[] {
  const { path, shape, type, dimensions } = variable;
  const rest = new Set(shape.keys());
  const take = (found = -1) => (rest.delete(found) ? found : undefined);
  const by = (kind: RegExp, saidOf: (i: number) => unknown[]) =>
    take([...rest].find((i) => saidOf(i).some((one) => kind.test(String(one)))));
  const near = (i: number) => variableNear(cube, path, dimensions[i] ?? '')?.attributes;
  const wordsOf = (i: number) => ['axis', 'standard_name'].map((word) => near(i)?.[word]);
  const [across = -1, xNamed, yNamed] = [BANDS, X, Y].map((kind) => by(kind, (i) => [dimensions[i]]));
  const [xSaid, ySaid] = [xNamed ?? by(X, wordsOf), yNamed ?? by(Y, wordsOf)];
  const [x, y] = [xSaid ?? take([...rest].at(-1)), ySaid ?? take([...rest].at(-1))];
  if (type === null || x === undefined || y === undefined || shape[across]! > MAX_BANDS || shape.includes(0)) return [];
  return [{ variable, type, x, y, across, others: [...rest] }];
}

/** Returns the names of an image's bands: the variable's or, of several, those that it lists or that their coordinates are. Of its several names, the one that is wanted counts. */
async function labelsOf(key: string, cube: Cube, image: Image, wanted: readonly SourceBand[]) {
  const { path, paths = [path], shape, attributes } = image.variable;
  const count = shape[image.across] ?? 1;
  const axis = axisOf(cube, image);
  const labels = axis?.isText && axis.shape.join() === `${count}` ? await valuesOf(axis) : [];
  if (labels.length > 0) refuseMissing(key, cube);
  const names = Array.isArray(attributes['long_name']) ? attributes['long_name'] : labels;
  const own = paths.map((one) => one.slice(one.lastIndexOf('/') + 1));
  if (count === 1) return [String(labels[0] ?? own.find((one) => isNameIn(wanted, one)) ?? own[0])];
  return Array.from({ length: count }, (_, i) => (i in names ? String(names[i]) : null));
}

async function rasterOf(key: string, cube: Cube, image: Image, limits: RasterLimits, isPhysical: boolean) {
  const { variable, type, x, y, across, others } = image;
  const { path, shape, block, dimensions, attributes } = variable;
  const many = others.find((one) => shape[one] !== 1);
  if (many !== undefined)
    throw new InvalidSceneFile(
      `${key}: found ${shape[many]} values along the dimension ${cited(dimensions[many] ?? String(many))} of the variable ${cited(path)}, allowed is one, as a scene is of one date. Select one: ${cube.remedies.select}`,
    );
  const count = shape.reduce((product, one, i) => product * Math.ceil(one / block[i]!), 1);
  const bytes = block.reduce((product, one) => product * one, makeRasterValues(type, 0).BYTES_PER_ELEMENT);
  if (bytes > limits.maxBlockBytes || count > MAX_RASTER_BLOCKS || pixelsOf(image) > MAX_RASTER_PIXELS)
    throw new InvalidSceneFile(
      `${key}: found ${pixelsOf(image)} pixels in ${count} chunks of ${bytes} bytes in the variable ${cited(path)}, allowed are at most ${MAX_RASTER_PIXELS} pixels, ${MAX_RASTER_BLOCKS} chunks and ${limits.maxBlockBytes} bytes. Write it in parts or other chunks, or deploy with a larger maxRecordBytes.`,
    );
  const place = await placeOf(key, cube, variable, [y, x]);
  const [width, height, blockWidth, blockHeight] = [shape[x]!, shape[y]!, block[x]!, block[y]!];
  const size = { width, height, type, blockWidth, blockHeight };
  const [samples, columns, rows] = [shape[across] ?? 1, Math.ceil(width / blockWidth), Math.ceil(height / blockHeight)];
  const blocks: Blocks = {
    ...{ ...size, samples, isBandSeparate: true, across: columns, down: rows },
    rowsOf: () => blockHeight,
    isStored: () => true,
  };
  const { nodata, variable: united } = withOneNodata(variable, type);
  const number = (name: string): number | null => {
    const found = attributes[name] ?? null;
    const value = Array.isArray(found) && found.length === 1 ? found[0] : found; // as in xarray
    if (Number.isFinite(value)) return value;
    if (found === null || !isPhysical) return null;
    throw new InvalidSceneFile(
      `${key}: found the ${Array.isArray(found) ? 'list' : typeof found} ${citedStart(String(found), 60)} as ${name} of the variable ${cited(path)}, allowed is a number. Write it as one.`,
    );
  };
  const band = { description: null, scale: number('scale_factor'), offset: number('add_offset'), nodata };
  const picture = { image: blocks, mask: null, alpha: null, nodata };
  const read = makeWindowReader(picture, readBlocksOf({ ...image, variable: united }, blocks), limits);
  const raster: Raster = {
    ...{ ...size, ...place, bands: new Array(samples).fill(band), alpha: null },
    ...{ photometric: 'other', isSequential: false, read },
  };
  return place.transform !== null && place.transform[5] > 0 ? fromNorth(raster, place.transform) : raster;
}

function readBlocksOf({ variable, x, y, across }: Image, blocks: Blocks): ReadBlocks<Blocks> {
  const depth = variable.block[across] ?? 1;
  const bandOf = (block: number) => Math.floor(block / (blocks.across * blocks.down));
  return async (wanted, take) => {
    const ofChunk = Map.groupBy(wanted, ({ block }) => {
      const at = variable.shape.map(() => 0);
      if (across >= 0) at[across] = Math.floor(bandOf(block) / depth);
      at[x] = block % blocks.across;
      at[y] = Math.floor(block / blocks.across) % blocks.down;
      return at.join();
    });
    const chunks = [...ofChunk];
    for (let i = 0; i < chunks.length; i += AT_ONCE) {
      const some = chunks.slice(i, i + AT_ONCE);
      const found = await Promise.all(some.map(([at]) => variable.readBlock(at.split(',').map(Number))));
      for (const [j, [, ofOne]] of some.entries())
        for (const one of ofOne) {
          const start = (bandOf(one.block) % depth) * (found[j]!.strides[across] ?? 0);
          take(one, planeOf(found[j]!, start, found[j]!.strides[x]!, found[j]!.strides[y]!, blocks));
        }
    }
  };
}

/** Returns one band of a block, row by row. */
function planeOf({ values }: CubeBlock, start: number, right: number, down: number, blocks: Blocks) {
  const { blockWidth, blockHeight, type } = blocks;
  if (right === 1 && down === blockWidth) return values.subarray(start);
  const plane = makeRasterValues(type, blockWidth * blockHeight);
  for (let row = 0, at = 0; row < blockHeight; row += 1)
    for (let i = start + row * down, column = 0; column < blockWidth; column += 1, at += 1, i += right)
      plane[at] = values[i] ?? plane[at]!;
  return plane;
}

/** Turns a raster whose first row is the southernmost, as models and maps have the north above. */
function fromNorth(raster: Raster, [left, right, askew, bottom, across, up]: NonNullable<Raster['transform']>): Raster {
  const { height } = raster;
  return {
    ...raster,
    transform: [left + askew * height, right, 0 - askew, bottom + up * height, across, -up],
    async read(window, bands, into) {
      const found = await raster.read({ ...window, y: height - window.y - window.height }, bands, into);
      for (const values of [...into, ...(found.valid ? [found.valid] : [])] as Uint8Array[])
        for (let row = 0, { width } = window, kept = values.slice(); row < window.height; row += 1)
          values.set(kept.subarray(values.length - (row + 1) * width, values.length - row * width), row * width);
      return found;
    },
  };
}
