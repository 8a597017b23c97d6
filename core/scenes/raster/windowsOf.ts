import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Raster } from './raster.ts';

type InBlocks = Pick<Raster, 'width' | 'height' | 'blockWidth' | 'blockHeight'>;

/** The pixels of one window, unless a block is larger. */
const WINDOW_PIXELS = 2 ** 20;

/** Yields windows of whole blocks, row by row; several small blocks are joined into one window. */
export function* windowsOf({ width, height, blockWidth, blockHeight }: InBlocks): Generator<RasterWindow> {
  const rows = Math.min(blockHeight, Math.max(1, Math.floor(WINDOW_PIXELS / blockWidth)));
  const columns = blockWidth * Math.max(1, Math.floor(WINDOW_PIXELS / (blockWidth * rows)));
  for (let top = 0; top < height; top += blockHeight)
    for (let x = 0; x < width; x += columns)
      for (let y = top; y < Math.min(height, top + blockHeight); y += rows)
        yield { x, y, width: Math.min(columns, width - x), height: Math.min(rows, top + blockHeight - y, height - y) };
}
