import { InvalidSceneFile } from '../../../base/errors.ts';
import type { Transform } from '../raster.ts';

/**
 * Parses a world file: six numbers, one per line, the last two of which are the centre of the top-left pixel.
 * https://gdal.org/en/stable/drivers/raster/wld.html
 *
 * @throws {InvalidSceneFile} the message begins with `where`
 */
export function parseWorldFile(where: string, text: string): Transform {
  const lines = text.split(/\r\n|\r|\n/, 20).map((line) => line.trim());
  const numbers = lines.filter((line) => line !== '').map(Number);
  if (numbers.length !== 6 || !numbers.every(Number.isFinite))
    throw new InvalidSceneFile(
      `${where}: found an invalid world file, allowed are six numbers, one per line. Fix or remove the file.`,
    );
  const [right, rightY, down, downY, x, y] = numbers as [number, number, number, number, number, number];
  return [x - (right + down) / 2, right, down, y - (rightY + downY) / 2, rightY, downY];
}
