import { InvalidSceneFile } from '../../errors.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { Chip, Place } from '../chip.ts';
import { describeStart } from '../formats/fileStart.ts';
import { HEAD_BYTES } from '../formats/format.ts';
import { PICTURES } from '../formats/pictures.ts';
import { matchBands } from '../raster/matchBands.ts';
import type { Raster } from '../raster/raster.ts';
import { makeReadPlanes } from '../raster/readPlanes.ts';

/** An image file in memory that is a single chip. */
export type ChipImage = {
  /** Names it in errors. */
  readonly where: string;
  readonly bytes: Uint8Array;
  /** What contains it, and a hint for files there that are not images. */
  readonly of: { readonly name: 'archive' | 'request'; readonly hint?: string };
};

/**
 * Reads an image in an archive or request as a chip. Bands are matched as in a scene of the image's format.
 *
 * @param mostBytes the largest decoded image
 * @throws {InvalidSceneFile} when it is not a supported image, is damaged, or differs in size from the package's chips
 */
export async function imageChip(
  image: ChipImage,
  place: Place,
  { source }: Pick<ModelPackage, 'source'>,
  mostBytes: number,
): Promise<Chip> {
  const { where } = image;
  const raster = await openChipImage(image, mostBytes);
  const { width, height } = source;
  if (raster.width !== width || raster.height !== height)
    throw new InvalidSceneFile(
      `${where}: found ${raster.width} × ${raster.height} pixels, allowed are ${width} × ${height}, as each image of an archive is one chip. Resize it, or send it as a file of its own, which is cut into chips.`,
    );
  const { bands } = matchBands(where, raster, source.bands);
  const { planes, nodataShare, valid } = await makeReadPlanes(
    where,
    raster,
    bands,
    source,
  )({ x: 0, y: 0, width, height });
  return { place, planes, truth: null, nodataShare, ...(valid && { valid }) };
}

/**
 * Opens an image within another file.
 *
 * @throws {InvalidSceneFile} when it is not a supported image, or is damaged
 */
export async function openChipImage({ where, bytes, of }: ChipImage, mostBytes: number): Promise<Raster> {
  const head = bytes.subarray(0, HEAD_BYTES);
  const format = PICTURES.find(({ sniff }) => sniff(head, bytes.length) === 'yes');
  const [a, hint] = [of.name === 'archive' ? 'an archive' : 'a request', of.hint === undefined ? '' : `. ${of.hint}`];
  if (format === undefined)
    throw new InvalidSceneFile(
      `${where}: found a file that starts with ${describeStart(head)}; allowed in ${a} are images: ${PICTURES.map((one) => one.name).join(', ')}${hint}`,
    );
  const range = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  return format.openRaster({ key: where, size: bytes.length, range }, { maxBlockBytes: mostBytes, cacheBytes: 0 });
}
