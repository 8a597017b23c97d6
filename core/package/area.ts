import type { RasterWindow } from '../arrays/dataTypes.ts';
import type { Size } from '../arrays/resize.ts';
import type { PixelLayout } from './outputLayout.ts';

/** The pixels of a chip that form its part of a map: where in the chip they are, and which of them hold data. */
export type Area = RasterWindow & {
  /** 1 or 0 for each pixel of the area, row by row; null if all hold data. */
  readonly valid: Uint8Array | null;
};

export type Neighbours = Readonly<Record<'left' | 'right' | 'above' | 'below', RasterWindow | undefined>>;

/**
 * Returns which pixels of a window its chip contributes to the map of its scene. Overlapping neighbours split the overlap
 * in the middle, so that every pixel of the map comes from one chip; at the scene's edges a chip contributes all that its
 * model returns. A margin that the model omits is therefore missing at the scene's edges.
 * @param window in the scene, with those of its neighbours
 * @returns the kept part of the window, in the window's own pixels
 */
export function keptArea(
  window: RasterWindow,
  { left, right, above, below }: Neighbours,
  margin: { readonly top: number; readonly left: number },
): RasterWindow {
  const [x, xEnd] = span(window.x, window.width, [left?.x, right?.x], margin.left);
  const [y, yEnd] = span(window.y, window.height, [above?.y, below?.y], margin.top);
  return { x, y, width: Math.max(0, xEnd - x), height: Math.max(0, yEnd - y) };
}

/** Returns the range that is kept along one side; chips have one size, so a neighbour's start also gives its end. */
function span(start: number, size: number, [before, after]: readonly (number | undefined)[], margin: number) {
  const from = before === undefined ? margin : Math.floor((before + size + start) / 2) - start;
  return [from, after === undefined ? size - margin : Math.floor((start + size + after) / 2) - start] as const;
}

type WholeLayout = Pick<PixelLayout, 'height' | 'width' | 'upscaling' | 'margin'>;

/** Returns all that a model returns for a chip that is not part of a raster. */
export function wholeArea({ height, width, upscaling, margin }: WholeLayout): Area {
  return { x: margin.left, y: margin.top, width: width / upscaling, height: height / upscaling, valid: null };
}

/** Returns the areas of some chips; of those without one, all that a model returns. */
export const areasOf = (pixels: WholeLayout, chips: number, areas: readonly (Area | undefined)[] = []): Area[] =>
  Array.from({ length: chips }, (_, chip) => areas[chip] ?? wholeArea(pixels));

/** Returns the area of a window, with the pixels that hold data. */
export function areaOf(kept: RasterWindow, { width }: Size, valid: Uint8Array | null): Area {
  if (valid === null) return { ...kept, valid };
  const inArea = new Uint8Array(kept.width * kept.height);
  for (let y = 0; y < kept.height; y += 1) {
    const start = (kept.y + y) * width + kept.x;
    inArea.set(valid.subarray(start, start + kept.width), y * kept.width);
  }
  return { ...kept, valid: inArea };
}
