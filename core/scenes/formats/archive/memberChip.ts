import { InvalidSceneFile } from '../../../errors.ts';
import type { ModelPackage } from '../../../models/package.ts';
import type { Chip, Place } from '../../chip.ts';
import { matchBands } from '../../raster/matchBands.ts';
import { makeReadPlanes } from '../../raster/readPlanes.ts';
import { describeStart } from '../fileStart.ts';
import { HEAD_BYTES } from '../format.ts';
import { PICTURES } from '../pictures.ts';

/** An image of an archive: `where` names it in errors, `name` is null where only its bytes are known. */
export type Member = { readonly where: string; readonly name: string | null; readonly bytes: Uint8Array };

/**
 * Reads an image of an archive as a chip. Bands are found as those of a scene of the image's format.
 *
 * @param mostBytes of the image as it is decoded
 * @throws InvalidSceneFile where it is no image that is read, is damaged, or has another size than the package's chips
 */
export async function memberChip(
  { where, name, bytes }: Member,
  place: Place,
  { source }: Pick<ModelPackage, 'source'>,
  mostBytes: number,
): Promise<Chip> {
  const head = bytes.subarray(0, HEAD_BYTES);
  const format = PICTURES.find(({ sniff }) => sniff(head, bytes.length) === 'yes');
  if (format === undefined)
    throw new InvalidSceneFile(
      `${where}: found a file that starts with ${describeStart(head)}; allowed in an archive are images: ${PICTURES.map((one) => one.name).join(', ')}. Notes are passed over where they end in .txt, .json, .xml or .md.`,
    );
  const range = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  const raster = await format.openRaster(
    { key: where, size: bytes.length, range },
    { maxBlockBytes: mostBytes, cacheBytes: 0 },
  );
  const { width, height } = source;
  if (raster.width !== width || raster.height !== height)
    throw new InvalidSceneFile(
      `${where}: found ${raster.width} × ${raster.height} pixels, allowed are ${width} × ${height}, as each image of an archive is one chip. Resize it, or send it as a file of its own, which is cut into chips.`,
    );
  const { bands } = matchBands(where, raster, source.bands);
  const { planes, nodataShare } = await makeReadPlanes(where, raster, bands, source)({ x: 0, y: 0, width, height });
  return { place, planes, truth: null, nodataShare, ...(name !== null && { member: name }) };
}
