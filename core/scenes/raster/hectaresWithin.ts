import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { ModelPackage } from '../../package/package.ts';
import { footprintOf, pointAt, type ToLonLat } from './footprint.ts';
import type { Transform } from './raster.ts';

/** WGS84. */
const [MAJOR_METRES, ECCENTRICITY] = [6_378_137, 0.081_819_190_842_621_49];
const SQUARE_METRES_PER_HECTARE = 10_000;

/**
 * Returns the area within a ring on the ellipsoid, in hectares: in Lambert's cylindrical equal-area projection (J. P. Snyder, *Map Projections: A Working
 * Manual*, USGS 1395 (1987), 10), with straight sides there.
 * @param ring longitude and latitude of each corner, one after the other, as in `footprintOf`
 */
export function hectaresWithin(ring: ArrayLike<number>): number {
  const [west, south] = [ring[0]!, yAt(ring[1]!)]; // differences, as the rings of small chips would lose digits
  let [doubled, x, y] = [0, 0, 0];
  for (let i = 2; i < ring.length; i += 2) {
    const [nextX, nextY] = [xAt(ring[i]! - west), yAt(ring[i + 1]!) - south];
    doubled += x * nextY - nextX * y;
    [x, y] = [nextX, nextY];
  }
  return Math.abs(doubled) / 2 / SQUARE_METRES_PER_HECTARE;
}

/** Sides of so many degrees are as good as straight, and the pixels between them equally large; from 75.5° to a pole, of ever fewer. */
const SMALL = 0.2;
const smallAt = (latitude: number): number => SMALL * Math.min(1, 4 * Math.cos(radians(latitude)));
/** Gauss and Legendre's eight places from 0 to 1, and their weights: M. Abramowitz and I. A. Stegun, *Handbook of Mathematical Functions* (1964), 25.4.30. */
const NODES = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
].flatMap(([x, weight]) => [-x!, x!].map((at) => ({ at: (1 + at) / 2, weight: weight! / 2 })));
/** The side of the squares whose land is measured there, as a share of the window's. */
const SIDE = 1e-4;

type Sharing = Pick<ModelPackage, 'source' | 'overlap'> & { output: Pick<ModelPackage['output'], 'pixels'> };

/**
 * Returns a window with its footprint and the hectares that are its own: of a model of pixels, which share them by the map, all of it; of others, what no
 * window to its left or above it has. NaN if a part of it does not lie on earth, or if pixels are to share it that are not equally large within 1 %.
 */
export function placedWindow(window: RasterWindow, transform: Transform | null, crs: ToLonLat | null, model: Sharing) {
  const footprint = crs && transform && footprintOf(window, transform, crs);
  if (!footprint) return { ...window, footprint, hectares: Number.NaN };
  const own = model.output.pixels === null ? ownPart(window, model) : window;
  const small = Math.min(smallAt(footprint[1]!), smallAt(footprint[3]!));
  const isSmall = footprint.every((at, i) => Math.abs(at - footprint[i % 2]!) < small);
  const isWhole = own.width === window.width && own.height === window.height;
  const ring = isWhole ? footprint : footprintOf(own, transform, crs);
  const hectares = isSmall && ring ? hectaresWithin(ring) : integrated(own, transform, crs, own === window);
  return { ...window, footprint, hectares };
}

/** Returns the part of a window that the windows before it, which start at multiples of the step, do not have. */
function ownPart({ x, y, width, height }: RasterWindow, { source, overlap }: Omit<Sharing, 'output'>): RasterWindow {
  const own = [ownPixels(x, width, source.width - overlap), ownPixels(y, height, source.height - overlap)] as const;
  return { x: x + width - own[0], y: y + height - own[1], width: own[0], height: own[1] };
}

const ownPixels = (start: number, size: number, step: number): number =>
  start === 0 ? size : start - step * (Math.ceil(start / step) - 1);

/** Integrates the land of a window's pixels, which changes smoothly, also at a pole. NaN if it is to be even and is not. */
function integrated(window: RasterWindow, transform: Transform, crs: ToLonLat, evenly: boolean): number {
  const squares = NODES.flatMap((y) => NODES.map((x) => ({ weight: x.weight * y.weight, land: landAt(x.at, y.at) })));
  const sum = squares.reduce((all, { weight, land }) => all + weight * land, 0);
  const isEven = squares.every(({ land }) => Math.abs(land / sum - 1) < 0.01);
  return isEven || !evenly ? sum : Number.NaN;

  function landAt(x: number, y: number): number {
    const [left, top, right, bottom] = [x - SIDE / 2, y - SIDE / 2, x + SIDE / 2, y + SIDE / 2];
    const corners = [[left, top] as const, [left, bottom] as const, [right, bottom] as const, [right, top] as const];
    const points = corners.map((corner) => pointAt(corner, window, transform, crs));
    const ring = points.flatMap(([at, latitude]) => [at - 360 * Math.round((at - points[0]![0]) / 360), latitude]);
    return hectaresWithin(ring) / SIDE ** 2;
  }
}

const xAt = (longitude: number): number => MAJOR_METRES * radians(longitude);
const yAt = (latitude: number): number => (MAJOR_METRES * authalic(Math.sin(radians(latitude)))) / 2;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Snyder's q (3-12). */
function authalic(sine: number): number {
  const e = ECCENTRICITY;
  return (1 - e ** 2) * (sine / (1 - (e * sine) ** 2) + Math.atanh(e * sine) / e);
}
