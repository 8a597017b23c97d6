import { isZarr } from '../../base/keys.ts';
import { type Format, startsAsCube } from '../formats/format.ts';
import { notShown } from '../formats/stacItem/itemChips.ts';
import { cutRaster } from '../raster/rasterFormat.ts';
import { stackCube } from './cubeRaster.ts';
import { openHdf5 } from './hdf5.ts';
import { openZarr } from './zarr.ts';

/** Files of several arrays: the metadata of a Zarr store, by their key, and HDF5, such as NetCDF4. */
export const cubeFormat: Format = {
  name: 'Zarr or HDF5',
  sniff: startsAsCube,
  makeReader: (model, limits) =>
    async function* (scene) {
      const cube = await (isZarr(scene.key) ? openZarr : openHdf5)(scene, limits);
      try {
        const { raster, match, times } = await stackCube(scene.key, cube, model.source.bands, limits);
        const { info, grid, chipAt } = await cutRaster(scene, raster, model, limits.maxRecordBytes, match);
        scene.tell?.(info, times);
        for (let index = 0; index < grid.columns * grid.rows; index += 1)
          yield [{ ...(await chipAt(index)), ...cube.about() }];
      } finally {
        cube.close?.();
      }
    },
  readChip: notShown('a file of several arrays'),
};
