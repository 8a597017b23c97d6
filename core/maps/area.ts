import type { PixelLayout } from '../models/outputLayout.ts';
import type { Size } from '../models/resize.ts';
import type { RasterWindow } from '../scenes/raster/raster.ts';

/** The pixels of a chip that its part of a map consists of: where in the chip they are, and which of them hold data. */
export type Area = RasterWindow & {
  /** 1 or 0 for each pixel of the area, row by row; null where all have data. */
  readonly valid: Uint8Array | null;
};

/** The windows beside one, where there are any. */
export type Neighbours = Readonly<Record<'left' | 'right' | 'above' | 'below', RasterWindow | undefined>>;

type Border = { readonly top: number; readonly left: number };

/**
 * Which pixels of a window its chip gives to the map of its scene. Where neighbours overlap, each has the half that is further
 * from its own border, so that every pixel of the map comes from one chip; at the scene's edges a chip has all that its model
 * gives. Where a model gives nothing for the pixels of a margin, there is none at the scene's edges.
 *
 * @param window in the scene, beside those of its neighbours
 * @returns the part of the window, in its own pixels
 */
export function keptArea(
  window: RasterWindow,
  { left, right, above, below }: Neighbours,
  margin: Border,
): RasterWindow {
  const [x, xEnd] = span(window.x, window.width, left?.x, right?.x, margin.left);
  const [y, yEnd] = span(window.y, window.height, above?.y, below?.y, margin.top);
  return { x, y, width: Math.max(0, xEnd - x), height: Math.max(0, yEnd - y) };
}

/** From where to where one side of a window is kept; chips are of one size, so a neighbour's start says where it ends. */
function span(
  start: number,
  size: number,
  before: number | undefined,
  after: number | undefined,
  margin: number,
): [from: number, to: number] {
  const from = before === undefined ? margin : Math.floor((before + size + start) / 2) - start;
  const to = after === undefined ? size - margin : Math.floor((start + size + after) / 2) - start;
  return [from, to];
}

type WholeLayout = Pick<PixelLayout, 'height' | 'width' | 'upscaling' | 'margin'>;

/** All that a model gives for a chip that is no part of a scene's picture. */
export function wholeArea({ height, width, upscaling, margin }: WholeLayout): Area {
  return { x: margin.left, y: margin.top, width: width / upscaling, height: height / upscaling, valid: null };
}

/** The area of so many pixels of a window, of which it is known whether they hold data. */
export function areaOf(kept: RasterWindow, { width }: Size, valid: Uint8Array | null): Area {
  if (valid === null) return { ...kept, valid };
  const inArea = new Uint8Array(kept.width * kept.height);
  for (let y = 0; y < kept.height; y += 1) {
    const start = (kept.y + y) * width + kept.x;
    inArea.set(valid.subarray(start, start + kept.width), y * kept.width);
  }
  return { ...kept, valid: inArea };
}
