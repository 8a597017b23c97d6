import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS, type SceneLimits } from '../../../base/limits.ts';
import type { Place } from '../../../package/package.ts';
import { mostUnpacked } from '../../gunzipped.ts';
import { type ChipImage, imageChip } from '../../image/imageChip.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { isOfProduct, isPassedOver, withoutImage } from '../archive/ofProduct.ts';
import type { Format } from '../format.ts';
import { archivedChips } from '../product/archived.ts';
import { notShown } from '../stacItem/itemChips.ts';
import { firstName } from './directory.ts';
import { contentOf, membersOf, openMember, type ZipMember } from './members.ts';

/** Zips of images, one chip per image, with its name, or of a scene as its agency delivers it. docs/formats.md lists what is supported. */
export const zip: Format = {
  name: 'zip',
  sniff: (head) => (firstName(head) === undefined ? 'no' : 'yes'),

  makeReader: (model, limits) =>
    async function* (scene) {
      const members = await membersOf(scene);
      if (members.some(({ name }) => isOfProduct(name))) {
        const files = members.map((one) => ({ ...one, open: () => openMember(scene.range, one) }));
        yield* archivedChips(scene, files, model, limits);
        return;
      }
      const images = imagesOf(scene, members, limits);
      const { range, goTo } = streamedRanges(scene);
      for (const [index, image] of images.entries())
        yield [await imageChip(await imageIn(range, image), placeAt(index), model, limits.maxRecordBytes)];
      await goTo(scene.size);
    },

  async readChip(scene, { index }, model) {
    const members = await membersOf(scene);
    if (members.some(({ name }) => isOfProduct(name))) return notShown('an archive of a scene')(scene);
    const images = imagesOf(scene, members, MOST_SCENE_LIMITS);
    const image = images[index];
    if (image === undefined)
      throw new InvalidSceneFile(`${scene.key}: has no chip ${index}, found are ${images.length}`);
    return imageChip(await imageIn(scene.range, image), placeAt(index), model, MOST_SCENE_LIMITS.maxRecordBytes);
  },
};

/** Returns the images in a zip. Throws `InvalidSceneFile`, before any is unpacked, if they exceed the limits. */
function imagesOf({ key, size }: RasterSource, members: readonly ZipMember[], limits: SceneLimits): ZipMember[] {
  if (members.some(({ name }) => /(^|\/)(zarr\.json|\.zmetadata)$/.test(name)))
    throw new InvalidSceneFile(`${key}: found a Zarr store, allowed is its folder. Unpack it: unzip -d X.zarr in.zip`);
  const images = members.filter(({ name }) => !isPassedOver(name));
  if (images.length === 0) throw withoutImage(key);
  for (const { where, packedBytes, bytes } of images) {
    const most = Math.max(packedBytes, bytes);
    if (most > limits.maxRecordBytes)
      throw new InvalidSceneFile(
        `${where}: found ${most} bytes, allowed are at most ${limits.maxRecordBytes} (the parameter maxRecordBytes)`,
      );
  }
  const total = images.reduce((sum, { bytes }) => sum + bytes, 0);
  const allowed = mostUnpacked(size, limits);
  if (total > allowed)
    throw new InvalidSceneFile(
      `${key}: its ${size} bytes unpack to ${total}, allowed are at most ${allowed}. Send it in several files.`,
    );
  return images;
}

const placeAt = (index: number): Place => ({ index, kind: 'index' });

async function imageIn(range: RasterSource['range'], member: ZipMember): Promise<ChipImage> {
  const { where, name } = member;
  return { where, name, bytes: await contentOf(range, member), within: 'an archive' };
}
