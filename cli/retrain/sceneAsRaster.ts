import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { makeScratchFile } from '../../aws/scratchFile.ts';
import { type DataType, makePlane } from '../../core/arrays/dataTypes.ts';
import { InvalidSceneFile, ObjectNotFound } from '../../core/base/errors.ts';
import { readsOthers } from '../../core/base/keys.ts';
import type { OpenScene } from '../../core/base/objectStore.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Layer } from '../../core/package/layer.ts';
import { type Chip, type ModelPackage, windowOf } from '../../core/package/package.ts';
import { makeCogWriter } from '../../core/results/maps/cog/cogWriter.ts';
import { drawMap } from '../../core/results/maps/drawMap.ts';
import type { Piece } from '../../core/results/maps/pieces.ts';
import { makeContentRead } from '../../core/scenes/assetsRead.ts';
import { isHeldBy } from '../../core/scenes/lossless.ts';
import { keysNamed } from '../../core/scenes/raster/crs.ts';
import type { RasterInfo } from '../../core/scenes/raster/rasterInfo.ts';
import { chipsIn } from '../models/classifyExample.ts';

/** Whether a scene is several files, or one of several arrays: an Item, a folder, an archive of a raster, Zarr or HDF5. */
export const isOfParts = ({ scene: { key }, raster }: LedgerRow): boolean =>
  readsOthers(key) || (raster !== undefined && /\.(zip|tar)$/i.test(key));

/** The type of a model's bands, as all bands of a GeoTIFF have one, which holds its mask as well; null if they differ. */
export function typeOfBands({ source: { bands }, isOfPictures }: ModelPackage): DataType | null {
  const type = bands.find(({ isMask }) => !isMask)?.dataType;
  const isRead = bands.every(({ isMask, dataType }) => (isMask ? isHeldBy(dataType, type!) : dataType === type));
  return type !== undefined && isRead && !isOfPictures ? type : null;
}

/**
 * Writes a scene as a model reads it: a GeoTIFF of its source bands, by their names, in the grid of the scene's run. Where the
 * files hold no data it has the nodata value of the first band, or else 0.
 * @throws {ObjectNotFound} when files are gone, or others than those that this version has classified
 * @throws {InvalidSceneFile} when the model's bands are not all there, or make another grid
 */
export async function writeAsRaster(openScene: OpenScene, row: LedgerRow, model: ModelPackage, path: string) {
  const { key } = row.scene;
  const opened = await openScene(row.scene);
  const content = makeContentRead(key, opened, async () => {});
  let about: RasterInfo | undefined;
  const chips = chipsIn(model, { ...opened, ...content, key, tell: (raster) => (about = raster) });
  try {
    let chip = await chips.next();
    while (!chip.done && chip.value.planes.length === 0) chip = await chips.next(); // outside of its Item's area
    if (chip.done || about === undefined) throw new InvalidSceneFile(`${key}: found no chip`);
    const { width, height, transform = null, crs, wkt2 } = about;
    if (!isDeepStrictEqual(gridOf(about), gridOf(row.raster!)))
      throw new InvalidSceneFile(`${key}: the bands of ${model.version} have another grid than those classified`);
    const layers = layersOf(model, chip.value);
    await using scratch = await makeScratchFile();
    const geoKeys = crs === null ? null : await keysNamed(wkt2 ?? crs);
    const writer = makeCogWriter({ width, height, transform, geoKeys, ...layers[0]!, bands: layers }, scratch);
    async function* pieces() {
      for (; !chip.done; chip = await chips.next())
        if (chip.value.planes.length > 0) yield pieceOf(chip.value, model, layers);
    }
    await drawMap(pieces(), about, layers, new Map([['predictions', writer]]));
    // Another version may have read other files.
    if ((await content.digest()) !== row.digest && row.model.version === model.version)
      throw new ObjectNotFound(`${key}: its files are others than those that were classified.`);
    await writeFile(path, writer.finish().chunks);
  } finally {
    await chips.return(); // before the files are closed that it reads
    content.close();
    opened.close();
  }
}

const gridOf = ({ width, height, transform }: RasterInfo) => [width, height, transform];

function layersOf(model: ModelPackage, { nodataOf = [] }: Chip): Layer[] {
  const { bands } = model.source;
  const nodata = nodataOf[bands.findIndex(({ isMask }) => !isMask)] ?? 0;
  return bands.map(({ name, physical }) => ({
    ...{ map: 'predictions', description: name, dataType: typeOfBands(model)!, nodata, resampling: 'average' },
    ...(physical && { scale: 1, offset: 0 }), // they are physical values now
  }));
}

/** Returns a chip as a part of a raster, without what it is padded with. */
function pieceOf({ place, planes, nodataOf = [] }: Chip, { source }: ModelPackage, layers: readonly Layer[]): Piece {
  const window = windowOf(place)!;
  const { width, height } = window;
  const cut = planes.map((plane, band) => {
    const { dataType, nodata } = layers[band]!;
    const values = makePlane(dataType, width * height);
    for (let y = 0; y < height; y += 1)
      values.set(plane.subarray(y * source.width, y * source.width + width), y * width);
    const none = source.bands[band]!.isMask ? undefined : nodataOf[band];
    return none === nodata ? values : values.map((value) => (Object.is(value, none) ? nodata : value)); // NaN, too
  });
  return { ...window, planes: cut };
}
