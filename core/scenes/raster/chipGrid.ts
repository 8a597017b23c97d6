import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Size } from '../../arrays/resize.ts';
import type { Neighbours } from '../../package/area.ts';

/**
 * Cuts a raster into chips of one size whose neighbours share `overlap` pixels, row by row from the top left. The last column and row shift inwards, so
 * that every chip lies inside the raster. Windows are smaller than a chip only if the raster is.
 */
export function chipGrid(raster: Size, chip: Size, overlap = 0) {
  const columns = stepsIn(raster.width, chip.width, overlap);
  const rows = stepsIn(raster.height, chip.height, overlap);
  const width = Math.min(chip.width, raster.width);
  const height = Math.min(chip.height, raster.height);
  const windowOf = (index: number): RasterWindow => ({
    x: Math.min((index % columns) * (chip.width - overlap), raster.width - width),
    y: Math.min(Math.floor(index / columns) * (chip.height - overlap), raster.height - height),
    width,
    height,
  });
  return {
    columns,
    rows,
    windowOf,
    /** The windows next to a chip; absent at the edges of the raster. */
    neighboursOf: (index: number): Neighbours => {
      const [column, row] = [index % columns, Math.floor(index / columns)];
      return {
        left: column > 0 ? windowOf(index - 1) : undefined,
        right: column + 1 < columns ? windowOf(index + 1) : undefined,
        above: row > 0 ? windowOf(index - columns) : undefined,
        below: row + 1 < rows ? windowOf(index + columns) : undefined,
      };
    },
  };
}

const stepsIn = (length: number, side: number, overlap: number): number =>
  length <= side ? 1 : Math.ceil((length - overlap) / (side - overlap));
