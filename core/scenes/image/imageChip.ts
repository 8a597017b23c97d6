import { InvalidSceneFile } from '../../base/errors.ts';
import type { Chip, ModelPackage, Place } from '../../package/package.ts';
import { describeStart, HEAD_BYTES } from '../formats/format.ts';
import { PICTURES } from '../formats/pictures.ts';
import { cutRaster } from '../raster/rasterFormat.ts';

export type ChipImage = {
  /** Names it in errors. */
  readonly where: string;
  readonly bytes: Uint8Array;
  readonly within: 'an archive' | 'a request';
  /** Its name in an archive, if that is known. */
  readonly name?: string;
};

/**
 * Reads an image in an archive or request as the chip that it is as a file of its own.
 * @param mostBytes the largest decoded image
 * @throws {InvalidSceneFile} when it is not a supported image, is damaged, or would be cut into several chips
 */
export async function imageChip(image: ChipImage, place: Place, model: ModelPackage, mostBytes: number): Promise<Chip> {
  const { where, bytes, within, name } = image;
  const head = bytes.subarray(0, HEAD_BYTES);
  const format = PICTURES.find(({ sniff }) => sniff(head, bytes.length) === 'yes');
  const hint = within === 'an archive' ? '. Notes are ignored if they end in .txt, .json, .xml or .md.' : '';
  if (format === undefined)
    throw new InvalidSceneFile(
      `${where}: found a file that starts with ${describeStart(head)}; allowed in ${within} are images: ${PICTURES.map((one) => one.name).join(', ')}${hint}`,
    );
  const range = async (offset: number, length: number) => bytes.slice(offset, offset + length);
  const limits = { maxBlockBytes: mostBytes, cacheBytes: 0 };
  const raster = await format.openRaster({ key: where, size: bytes.length, range }, limits);
  const { grid, chipAt } = await cutRaster({ key: where }, raster, model, mostBytes);
  const chips = grid.columns * grid.rows;
  const { width, height } = model.source;
  if (chips > 1)
    throw new InvalidSceneFile(
      `${where}: found ${raster.width} × ${raster.height} pixels, of which ${model.name} makes ${chips} chips; allowed in ${within} are images of one chip, up to ${width} × ${height}. Send it as a file of its own, which is cut into chips.`,
    );
  return { ...(await chipAt(0)), place, ...(name !== undefined && { member: name }) };
}
