import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_PRODUCT_FILES, MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { type Chip, type Place, storedPlace } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { imageChip } from '../../image/imageChip.ts';
import { rangesWithin } from '../../rangesIn.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { isPassedOver } from '../archive/isPassedOver.ts';
import { shownName } from '../archive/memberName.ts';
import { isJunk, isOfProduct } from '../archive/ofProduct.ts';
import type { Format } from '../format.ts';
import { archivedChips, type Member } from '../product/archived.ts';
import { notShown } from '../stacItem/itemChips.ts';
import { beginsLikeTar } from './header.ts';
import { membersOf, type TarBytes, type TarMember } from './members.ts';

/** Tars of images, one chip per image, with its name, or of a scene as its agency delivers it. docs/formats.md lists what is supported. */
export const tar: Format = {
  name: 'tar',
  sniff: (head) => (beginsLikeTar(head) ? 'yes' : 'no'),

  makeReader:
    (model, limits) =>
    ({ key, size, chunks, range, ...others }) => {
      const { range: bytes } = streamedRanges({ size, chunks, range });
      const ofScene = async function* () {
        const within = rangesWithin(range, 0, size);
        const members: Member[] = [];
        for await (const { name, offset, length } of membersOf(key, within, isJunk)) {
          if (members.length === MAX_PRODUCT_FILES)
            throw new InvalidSceneFile(
              `${key}: found more than ${MAX_PRODUCT_FILES} files, allowed are at most so many in the tar of a scene`,
            );
          members.push({ name, bytes: length, open: async () => ({ range: rangesWithin(within, offset, length) }) });
        }
        yield* archivedChips({ key, ...others }, members, model, limits);
      };
      return chipsOf({ key, bytes, ofScene }, model, limits.maxRecordBytes);
    },

  async readChip({ key, range }, place, model) {
    const { index, offset, length } = storedPlace(place);
    if (length === 0) return notShown('an archive of a scene')({ key });
    const where = `${key}: its image ${index} at byte ${offset}`;
    const bytes = await range(offset, length);
    if (bytes.length < length) throw new InvalidSceneFile(`${where}: is cut short`);
    return imageChip({ where, bytes, within: 'an archive' }, place, model, MOST_HELD);
  },
};

/** A chip can be read again even if the limit was lowered since the file was read. */
const MOST_HELD = MOST_SCENE_LIMITS.maxRecordBytes;

export type Tar = {
  readonly key: string;
  readonly bytes: TarBytes;
  /** Yields the chips of the scene that the tar's files are; absent if they cannot be read in place. */
  readonly ofScene?: () => AsyncGenerator<Chip[], void, void>;
};

/** Yields the chips of a tar: each file is decoded once all of it is there. */
export async function* chipsOf(tar: Tar, model: ModelPackage, mostBytes: number): AsyncGenerator<Chip[], void, void> {
  const { key, bytes, ofScene } = tar;
  let index = 0;
  for await (const member of membersOf(key, bytes, (name) => isPassedOver(name) && !isOfProduct(name))) {
    if (isOfProduct(member.name)) {
      if (ofScene !== undefined && index === 0) return yield* ofScene();
      const found = `${key}: found ${shownName(member.name)}, which is part of a scene of several files,`;
      throw new InvalidSceneFile(
        index > 0
          ? `${found} after images, allowed are images that are chips, or one scene. Send the scene by itself.`
          : `${found} allowed are scenes in a tar that is not compressed, of which each file can be read. Unpack it: gunzip -k FILE`,
      );
    }
    const { offset, length } = member;
    const place: Place = ofScene ? { index, kind: 'bytes', offset, length } : { index, kind: 'index' };
    yield [await chipOf(tar, member, place, model, mostBytes)];
    index += 1;
  }
}

/** Returns one chip of a tar, which is read up to it. */
export async function chipIn(tar: Tar, index: number, model: ModelPackage): Promise<Chip> {
  const { key, bytes } = tar;
  let seen = 0;
  for await (const member of membersOf(key, bytes)) {
    if (seen === index) return chipOf(tar, member, { index, kind: 'index' }, model, MOST_HELD);
    seen += 1;
  }
  throw new InvalidSceneFile(`${key}: has no chip ${index}, found are ${seen}`);
}

async function chipOf(tar: Tar, member: TarMember, place: Place, model: ModelPackage, mostBytes: number) {
  const { name, offset, length } = member;
  const where = `${tar.key}: ${shownName(name)}`;
  if (length > mostBytes)
    throw new InvalidSceneFile(
      `${where}: found ${length} bytes, allowed are at most ${mostBytes} (the parameter maxRecordBytes)`,
    );
  const found = await tar.bytes(offset, length);
  if (found.length < length)
    throw new InvalidSceneFile(`${where}: is cut short: found ${found.length} of its ${length} bytes`);
  return imageChip({ where, name, bytes: found, within: 'an archive' }, place, model, mostBytes);
}
