import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_ZIP_DIRECTORY_BYTES, MOST_SCENE_LIMITS, type SceneLimits } from '../../../base/limits.ts';
import type { Chip } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { mostUnpacked } from '../../gunzipped.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { isPassedOver } from '../archive/isPassedOver.ts';
import { memberChip } from '../archive/memberChip.ts';
import { memberName, shownName } from '../archive/memberName.ts';
import type { Format } from '../format.ts';
import { type Entry, entriesOf, findDirectory, firstName, LOCAL_BYTES, localBytes, TAIL_BYTES } from './directory.ts';
import { checkPacked, unpacked } from './unpacked.ts';

/** Zips of images, one chip per image, with its name. docs/formats.md lists what is supported. */
export const zip: Format = {
  name: 'zip',
  sniff: (head) => (firstName(head) === undefined ? 'no' : 'yes'),

  makeReader: (model, limits) =>
    async function* (scene) {
      const images = await imagesOf(scene, limits);
      const { range, goTo } = streamedRanges(scene);
      for (const [index, image] of images.entries())
        yield [await chipOf({ ...scene, range }, image, index, model, limits.maxRecordBytes)];
      await goTo(scene.size);
    },

  async readChip(scene, { index }, model) {
    const images = await imagesOf(scene, MOST_SCENE_LIMITS);
    const image = images[index];
    if (image === undefined)
      throw new InvalidSceneFile(`${scene.key}: has no chip ${index}, found are ${images.length}`);
    return chipOf(scene, image, index, model, MOST_SCENE_LIMITS.maxRecordBytes);
  },
};

/** An image in a zip. Its data ends before the next member or the directory. */
type ZipImage = { readonly name: string; readonly where: string; readonly entry: Entry; readonly end: number };

/** The values of 32-bit and 16-bit fields that say that the number is in a zip64 field. */
const [IN_ZIP64, COUNT_IN_ZIP64] = [0xffffffff, 0xffff];

/**
 * Returns the images in a zip, in file order, from its central directory.
 *
 * @throws {InvalidSceneFile} when it is damaged or holds anything unsupported, before any of it is unpacked
 */
async function imagesOf({ key, size, range }: RasterSource, limits: SceneLimits): Promise<ZipImage[]> {
  const entries = await readDirectory({ key, size, range });
  const named = entries.entries.map((entry, i) => {
    const name = memberName(`${key}: its file ${i}`, entry.name);
    return { name, where: `${key}: ${shownName(name)}`, entry };
  });
  const inOrder = named.toSorted((a, b) => a.entry.at - b.entry.at);
  const images = inOrder
    .map((one, i) => ({ ...one, end: inOrder[i + 1]?.entry.at ?? entries.start }))
    .filter(({ name }) => !isPassedOver(name));
  for (const { where, entry } of images) {
    const { packedBytes, bytes, at } = entry;
    if ([packedBytes, bytes, at].includes(IN_ZIP64)) throw new InvalidSceneFile(`${where}: ${NO_ZIP64}`);
    checkPacked(where, entry);
    const most = Math.max(packedBytes, bytes);
    if (most > limits.maxRecordBytes)
      throw new InvalidSceneFile(
        `${where}: found ${most} bytes, allowed are at most ${limits.maxRecordBytes} (the parameter maxRecordBytes)`,
      );
  }
  const total = images.reduce((sum, { entry }) => sum + entry.bytes, 0);
  const allowed = mostUnpacked(size, limits);
  if (total > allowed)
    throw new InvalidSceneFile(
      `${key}: its ${size} bytes unpack to ${total}, allowed are at most ${allowed}. Send it in several files.`,
    );
  return images;
}

const NO_ZIP64 = 'is of zip64, which is not read. Send it in several files, or as a tar.';

async function readDirectory({ key, size, range }: RasterSource): Promise<{ start: number; entries: Entry[] }> {
  const tailStart = Math.max(0, size - TAIL_BYTES);
  const tail = await range(tailStart, size - tailStart);
  const directory = findDirectory(key, tail, size);
  const { start, end, count } = directory;
  if (start === IN_ZIP64 || count === COUNT_IN_ZIP64) throw new InvalidSceneFile(`${key}: ${NO_ZIP64}`);
  const bytes = end - start;
  if (bytes < 0) throw new InvalidSceneFile(`${key}: is damaged: its directory begins at byte ${start}, after its end`);
  if (bytes > MAX_ZIP_DIRECTORY_BYTES)
    throw new InvalidSceneFile(
      `${key}: found a directory of ${bytes} bytes, allowed are at most ${MAX_ZIP_DIRECTORY_BYTES}`,
    );
  const found = start < tailStart ? await range(start, bytes) : tail.subarray(start - tailStart, end - tailStart);
  return { start, entries: entriesOf(key, found, directory) };
}

async function chipOf(
  { range }: RasterSource,
  { name, where, entry, end }: ZipImage,
  index: number,
  model: ModelPackage,
  mostBytes: number,
): Promise<Chip> {
  const { at, packedBytes } = entry;
  const headerBytes = localBytes(await range(at, LOCAL_BYTES));
  if (headerBytes === undefined) throw new InvalidSceneFile(`${where}: is damaged: it does not begin at byte ${at}`);
  const first = at + headerBytes;
  // Overlapping members are how a small archive unpacks to a huge amount of data.
  if (first + packedBytes > end)
    throw new InvalidSceneFile(
      `${where}: is damaged: its ${packedBytes} bytes go on behind byte ${end}, where others begin`,
    );
  const packed = await range(first, packedBytes);
  if (packed.length < packedBytes) throw new InvalidSceneFile(`${where}: is cut short`);
  return memberChip({ where, name, bytes: unpacked(where, entry, packed) }, { index, kind: 'index' }, model, mostBytes);
}
