import { Buffer } from 'node:buffer';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_PRODUCT_FILES, MAX_TAR_HEADER_BYTES, MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { type Chip, type ModelPackage, type Place, storedPlace } from '../../../package/package.ts';
import { imageChip } from '../../image/imageChip.ts';
import { rangesWithin } from '../../rangesIn.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { memberName, shownName } from '../archive/memberName.ts';
import { isJunk, isOfProduct, isPassedOver, withoutImage } from '../archive/ofProduct.ts';
import type { Format } from '../format.ts';
import { archivedChips, type Member } from '../product/archived.ts';
import { notShown } from '../stacItem/itemChips.ts';
import { BLOCK_BYTES, beginsLikeTar, readHeader, upToZero } from './header.ts';
import withoutBytes from './withoutBytes.json' with { type: 'json' };

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
  if (index === 0) throw withoutImage(key);
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

type TarMember = { readonly name: string; readonly offset: number; readonly length: number };

/** Returns a range of a tar, shorter at its end; ranges are requested in ascending order. */
type TarBytes = (offset: number, length: number) => Promise<Uint8Array>;

const PIECE_BYTES = 64 * 1024;

/** Kinds of members that have no content, whatever their size field says. */
const WITHOUT_BYTES: { readonly [type: string]: string } = withoutBytes;

/**
 * Yields the files in a tar, in order, without those to be ignored. A file's bytes must be requested before the next.
 *
 * tar-stream is not used: it holds pax headers of any size in memory, and accepts a tar that ends between members.
 *
 * @throws {InvalidSceneFile} when the tar is damaged, cut short, or has a member that is not a file
 */
export async function* membersOf(key: string, bytes: TarBytes, isIgnored: (name: string) => boolean = isPassedOver) {
  let forAll: Pax = {};
  let forNext: Pax = {};
  let at = 0;
  for (;;) {
    const block = await bytes(at, BLOCK_BYTES);
    if (block.length < BLOCK_BYTES)
      throw new InvalidSceneFile(
        `${key}: is cut short: it ends at byte ${at + block.length}, without the block of zeros that is a tar's end`,
      );
    if (isZero(block)) break;
    const where = `${key}: the tar's header at byte ${at}`;
    const header = readHeader(where, block);
    const { type } = header;
    const offset = at + BLOCK_BYTES;
    if (type === 'x' || type === 'g' || type === 'L' || type === 'K') {
      const text = await textBehind(where, header.size, offset, bytes);
      if (type === 'x') forNext = { ...forNext, ...paxRecords(where, text) };
      if (type === 'g') forAll = { ...forAll, ...paxRecords(where, text) };
      if (type === 'L') forNext = { ...forNext, path: upToZero(text) };
      at = after(offset, header.size);
      continue;
    }
    const { path = header.name, size = header.size, isSparse } = { ...forAll, ...forNext };
    forNext = {};
    const name = memberName(where, path);
    const what = `${key}: ${shownName(name)}`;
    const without = WITHOUT_BYTES[type];
    if (type !== '5' && !isIgnored(name)) {
      if (without !== undefined) throw new InvalidSceneFile(`${what}: is ${without}, allowed are images`);
      if (isSparse || type === 'S')
        throw new InvalidSceneFile(
          `${what}: is stored as a sparse file, which is not read. Make the tar without --sparse.`,
        );
      if (type !== '0' && type !== '7')
        throw new InvalidSceneFile(
          `${what}: found the type “${JSON.stringify(type).slice(1, -1)}”, allowed are files (0)`,
        );
      yield { name, offset, length: size };
    }
    at = without === undefined ? after(offset, size) : offset;
  }
  await checkEnd(key, at + BLOCK_BYTES, bytes);
}

const after = (offset: number, size: number): number => offset + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;

/** Returns the text of a header that is a member of its own. */
async function textBehind(where: string, size: number, offset: number, bytes: TarBytes): Promise<Uint8Array> {
  if (size > MAX_TAR_HEADER_BYTES)
    throw new InvalidSceneFile(
      `${where}: found ${size} bytes about a member, allowed are at most ${MAX_TAR_HEADER_BYTES}`,
    );
  const text = await bytes(offset, size);
  if (text.length < size) throw new InvalidSceneFile(`${where}: is cut short`);
  return text;
}

/** Rejects concatenated tars, because the second would be ignored. */
async function checkEnd(key: string, end: number, bytes: TarBytes): Promise<void> {
  for (let at = end; ; ) {
    const piece = await bytes(at, PIECE_BYTES);
    if (piece.length === 0) return;
    if (!isZero(piece))
      throw new InvalidSceneFile(
        `${key}: the tar ends at byte ${end}, and something else stands behind; allowed is one tar alone`,
      );
    at += piece.length;
  }
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** What a pax header says about one member, or about all that follow. */
type Pax = { readonly path?: Uint8Array; readonly size?: number; readonly isSparse?: true };

/**
 * Parses records `<length> <name>=<value>\n`, whose length counts the whole record.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 * @throws {InvalidSceneFile} when they are damaged; the message begins with `where`
 */
function paxRecords(where: string, bytes: Uint8Array): Pax {
  const records = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let found: Pax = {};
  for (let at = 0; at < records.length && records[at] !== 0; ) {
    const damaged = () => new InvalidSceneFile(`${where}: is damaged: it has no record at byte ${at} of it`);
    const length = /^(\d{1,9}) /.exec(records.toString('latin1', at, at + 10))?.[1];
    const end = at + Number(length ?? 0);
    const equals = records.indexOf(0x3d, at);
    if (length === undefined || end > records.length || equals < 0 || equals >= end || records[end - 1] !== 0x0a)
      throw damaged();
    const name = records.toString('latin1', at + length.length + 1, equals);
    const value = records.subarray(equals + 1, end - 1);
    if (name === 'path') found = { ...found, path: value };
    if (name.startsWith('GNU.sparse.')) found = { ...found, isSparse: true };
    if (name === 'size') {
      const size = value.toString('latin1');
      if (!/^\d{1,15}$/.test(size)) throw damaged();
      found = { ...found, size: Number(size) };
    }
    at = end;
  }
  return found;
}
