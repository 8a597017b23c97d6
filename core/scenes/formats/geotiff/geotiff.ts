import { InvalidSceneFile } from '../../../errors.ts';
import { MAX_TIFF_TAG_BYTES } from '../../../limits.ts';
import { parseNodata } from '../../raster/nodata.ts';
import type { Raster, RasterBand, RasterLimits, RasterSource } from '../../raster/raster.ts';
import { makeWindowReader } from '../../raster/windows.ts';
import { type Directory, readDirectories } from './directories.ts';
import { parseMetadata } from './gdalTags.ts';
import { readGeoKeys, readTransform } from './georeference.ts';
import { isSequential } from './isSequential.ts';
import { keepHead } from './keepHead.ts';
import { type Layout, PHOTOMETRIC, readLayout } from './layout.ts';
import { makeReadBlocks } from './readBlocks.ts';

/**
 * Opens a GeoTIFF, COG or BigTIFF: the picture of its first directory, as GDAL does, with its mask. Overviews and further
 * pictures are left out. Blocks are read when a window asks for them.
 *
 * What is asked of the source goes up through the file as far as its blocks do, a row of blocks at a time.
 *
 * @throws InvalidSceneFile where the file is damaged, or written in a way that is not read: the message says which are
 */
export async function openGeoTiff(file: RasterSource, limits: RasterLimits): Promise<Raster> {
  const source = await keepHead(file);
  const { isLittleEndian, directories } = await readDirectories(source);
  const [directory] = directories as [Directory, ...Directory[]];
  const layoutOf = (of: Directory) => readLayout(of, isLittleEndian, source.size, limits);
  const image = await layoutOf(directory);
  const mask = await readMask(directories, image, layoutOf);

  const geoKeys = await readGeoKeys(directory);
  const bands = await readBands(directory, image);
  const alpha = alphaOf(image);
  const { width, height, type, blockWidth, blockHeight } = image;
  return {
    ...{ width, height, type, bands, geoKeys, blockWidth, blockHeight },
    alpha,
    photometric: photometricOf(image),
    transform: await readTransform(directory, geoKeys),
    isSequential: mask === null && isSequential(image),
    read: makeWindowReader(
      { key: file.key, image, mask, alpha, nodata: bands[0]!.nodata },
      makeReadBlocks(source),
      limits.cacheBytes,
    ),
  };
}

/** Values of ExtraSamples; others are bands like any other. */
const [ASSOCIATED_ALPHA, UNASSOCIATED_ALPHA] = [1, 2];

/** Samples that are more than the colours stand last. */
function alphaOf({ samples, extraSamples }: Layout): number | null {
  const found = extraSamples.findIndex((kind) => kind === ASSOCIATED_ALPHA || kind === UNASSOCIATED_ALPHA);
  const band = samples - extraSamples.length + found;
  return found < 0 || band < 0 ? null : band;
}

/** Bits of NewSubfileType. */
const [REDUCED, MASK] = [1, 4];

/** The mask of the picture itself, and not of an overview; null where it has none. */
async function readMask(
  [, ...others]: readonly Directory[],
  { width, height }: Layout,
  layoutOf: (directory: Directory) => Promise<Layout>,
): Promise<Layout | null> {
  for (const directory of others) {
    const kind = (await directory.number('NewSubfileType')) ?? 0;
    if ((kind & MASK) === 0 || (kind & REDUCED) !== 0) continue;
    const mask = await layoutOf(directory);
    if (mask.width !== width || mask.height !== height || mask.samples !== 1 || mask.type !== 'uint8')
      throw new InvalidSceneFile(
        `${directory.where}: found a mask of ${mask.width} × ${mask.height} pixels, ${mask.samples} bands of ${mask.type}, allowed is one of the picture's ${width} × ${height}, 1 band of uint8`,
      );
    return mask;
  }
  return null;
}

async function readBands(directory: Directory, { samples, type }: Layout): Promise<RasterBand[]> {
  const metadata = (await directory.text('GdalMetadata', MAX_TIFF_TAG_BYTES)) ?? '';
  const written = await directory.text('GdalNodata', MAX_TIFF_TAG_BYTES);
  const nodata = written === undefined ? null : parseNodata(written, type);
  return parseMetadata(metadata, samples).map((band) => ({ ...band, nodata }));
}

function photometricOf({ photometric }: Layout): Raster['photometric'] {
  if (photometric === PHOTOMETRIC.minIsWhite) return 'minIsWhite';
  if (photometric === PHOTOMETRIC.minIsBlack) return 'minIsBlack';
  if (photometric === PHOTOMETRIC.palette) return 'palette';
  return photometric === PHOTOMETRIC.rgb || photometric === PHOTOMETRIC.ycbcr ? 'rgb' : 'other';
}
