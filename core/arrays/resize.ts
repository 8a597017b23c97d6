import { area, cubic, lanczos4, largest, linear, type Resize, type Size, separable } from './resizeKernels.ts';

export type { Size };

/** The MLM resize types that are supported. */
export const resizeTypes = [
  'crop',
  'pad',
  'interpolation-nearest',
  'interpolation-linear',
  'interpolation-cubic',
  'interpolation-area',
  'interpolation-lanczos4',
  'interpolation-max',
] as const;
export type ResizeType = (typeof resizeTypes)[number];

/** How values of a raster are computed on the pixels of another one. */
export const resamplings = ['nearest', 'bilinear', 'average'] as const;
export type Resampling = (typeof resamplings)[number];

/** Apart from the list, so that a function that only reads packages does not bundle them. */
const RESIZES: Record<ResizeType, (from: Size, to: Size) => Resize> = {
  crop: centred,
  pad: centred,
  'interpolation-nearest': nearest,
  'interpolation-linear': (from, to) => separable(linear, from, to),
  'interpolation-cubic': (from, to) => separable(cubic, from, to),
  'interpolation-area': area,
  'interpolation-lanczos4': (from, to) => separable(lanczos4, from, to),
  'interpolation-max': largest,
};

/** Returns whether a resize computes new values from several, which the original type may not hold. */
export const makesNewValues = (type: ResizeType): boolean =>
  !['crop', 'pad', 'interpolation-nearest', 'interpolation-max'].includes(type);

/**
 * Compiles a resize from one size to another; between equal sizes, and with `null`, it copies.
 *
 * - `crop` keeps the middle, `pad` surrounds with zeros; an odd row or column is cut or added at the end.
 * - `interpolation-nearest` takes row ⌊i · from / to⌋ in the arithmetic of OpenCV (INTER_NEAREST), to which MLM refers.
 * - `interpolation-linear` is bilinear between pixel centres, computed in float64 and without smoothing, like OpenCV's
 *   INTER_LINEAR on floats and PyTorch's `bilinear` with `align_corners=False`.
 * - `interpolation-cubic`, `interpolation-area` and `interpolation-lanczos4` are OpenCV's on floats.
 * - `interpolation-max` takes the largest of the pixels that a target pixel covers, like GDAL's resampling `max`.
 */
export const makeResize = (type: ResizeType | null, from: Size, to: Size): Resize =>
  type === null || isSameSize(from, to) ? (plane, out) => out.set(plane) : RESIZES[type](from, to);

/** Returns in words why a resize is impossible; `undefined` if it is possible. */
export function resizeObstacle(type: ResizeType | null, from: Size, to: Size): string | undefined {
  const sizes = `${from.height} × ${from.width} to ${to.height} × ${to.width}`;
  if (type === null && !isSameSize(from, to)) return `a resize type, since chips go from ${sizes}`;
  if (type === 'crop' && (from.height < to.height || from.width < to.width))
    return `another resize type, since a crop cannot enlarge from ${sizes}`;
  if (type === 'pad' && (from.height > to.height || from.width > to.width))
    return `another resize type, since padding cannot reduce from ${sizes}`;
  return undefined;
}

export const isSameSize = (one: Size, other: Size): boolean => one.height === other.height && one.width === other.width;

/** Copies the middle that both sizes have, into zeros. */
function centred(from: Size, to: Size): Resize {
  const [height, width] = [Math.min(from.height, to.height), Math.min(from.width, to.width)];
  const cornerIn = (of: Size) => Math.floor((of.height - height) / 2) * of.width + Math.floor((of.width - width) / 2);
  const [source, target] = [cornerIn(from), cornerIn(to)];
  return (plane, out) => {
    if (height < to.height || width < to.width) out.fill(0);
    for (let y = 0; y < height; y++) {
      const start = source + y * from.width;
      out.set(plane.subarray(start, start + width), target + y * to.width);
    }
  };
}

function nearest(from: Size, to: Size): Resize {
  const rows = nearestIndexes(from.height, to.height);
  const columns = nearestIndexes(from.width, to.width);
  return (plane, out) => {
    let i = 0;
    for (const row of rows) for (const column of columns) out[i++] = plane[row * from.width + column]!;
  };
}

function nearestIndexes(from: number, to: number): Uint32Array {
  // OpenCV rounds the scale twice; where i · from / to is an integer, that can make a difference of a row.
  const scale = 1 / (to / from);
  return Uint32Array.from({ length: to }, (_, i) => Math.min(Math.floor(i * scale), from - 1));
}
