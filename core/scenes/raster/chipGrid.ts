import type { Size } from '../../models/resize.ts';
import type { RasterWindow } from './raster.ts';

/** The chips of a raster, row by row from the top left. */
export type ChipGrid = { readonly columns: number; readonly rows: number; windowOf(index: number): RasterWindow };

/**
 * Cuts a raster into chips of a size, of which neighbours share `overlap` pixels. The last column and the last row shift
 * inwards, so that every chip lies inside the raster; only where the raster is smaller than a chip is the window smaller, too.
 */
export function chipGrid(raster: Size, chip: Size, overlap = 0): ChipGrid {
  const columns = stepsIn(raster.width, chip.width, overlap);
  const rows = stepsIn(raster.height, chip.height, overlap);
  const width = Math.min(chip.width, raster.width);
  const height = Math.min(chip.height, raster.height);
  return {
    columns,
    rows,
    windowOf: (index) => ({
      x: Math.min((index % columns) * (chip.width - overlap), raster.width - width),
      y: Math.min(Math.floor(index / columns) * (chip.height - overlap), raster.height - height),
      width,
      height,
    }),
  };
}

/** How many chips it takes along one side. */
function stepsIn(length: number, side: number, overlap: number): number {
  return length <= side ? 1 : Math.ceil((length - overlap) / (side - overlap));
}
