import { constants } from 'node:fs';
import { type FileHandle, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { openWebAsset } from '../../aws/openWebAsset.ts';
import { makeKept } from '../../core/base/concurrency/keepPromise.ts';
import { insteadOf, ObjectNotFound, ObjectTooLarge, onError, TransientTrouble } from '../../core/base/errors.ts';
import { MAX_SIBLING_BYTES } from '../../core/base/limits.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import type { FindObject, OpenAsset, OpenScene, ReadRange } from '../../core/base/objectStore.ts';
import { nullIfNotFound } from '../../core/base/objectStore.ts';
import { hostsOfFeed } from '../../core/feeds/feedKeys.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { type AssetAt, makeOpenAsset, type PlacesOf } from '../../core/scenes/formats/stacItem/assetAt.ts';
import { type Clock, cameAt, makeClock } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import { readFromFolder } from './folderBucket.ts';
import { INBOX, type Inbox, ONCE, RESULTS } from './inbox.ts';
import { FORMER, IRREGULAR, isIrregular, isUnspoken, pathOf } from './inboxKey.ts';
import { bytesOf, NO_FILE, NoPlainFile, openPlainFile, piecesOf } from './plainFile.ts';
import { digest, digestOfOpen, fingerprint, printOf } from './sceneFolder.ts';

/** Of so many files that the inbox does not know, the content's digest is kept. */
const FILES_KEPT = 1000;

/** Opens a version of a file for one streamed pass, in any worker. What stands still and the inbox knows is not hashed again. */
export function openSceneIn(
  folder: string,
  clock: Pick<Clock, 'toOwn'> = makeClock(),
  knownVersion: Inbox['knownVersion'] = async () => null,
): OpenScene {
  return async (scene) => {
    const path = await pathOfVersion(folder, scene);
    const file = await openFile(path, scene);
    const about = await file.stat({ bigint: true });
    const print = printOf(about);
    const isCurrent = path === pathOf(folder, scene.key) && (await knownVersion(scene.key)) === scene.versionId;
    const isKnown = isCurrent && (await fingerprint(path)) === print;
    /** What the file is at the end of a pass over what is known; undefined before. */
    let versionAfter: string | undefined;
    let isWrittenTo = false;
    const lookAgain = async () => {
      const after = await file.stat({ bigint: true });
      isWrittenTo = after.mtimeNs !== about.mtimeNs; // its name, its rights and its links may change meanwhile
      // Of the open file, as its name may be another's by now, or be gone.
      versionAfter = printOf(after) === print ? scene.versionId : await digestOfOpen(file);
    };
    /** Of its own, as the stream closes its file at the end. */
    let rangesOf: Promise<FileHandle> | undefined;
    const openAgain = async () => {
      const again = await openFile(path, scene);
      if (printOf(await again.stat({ bigint: true })) === print) return again;
      await again.close();
      throw new TransientTrouble(`${scene.key} was written to while it was read.`);
    };
    const contentNow = async () => digest(await pathOfVersion(folder, scene)).catch(() => '');
    return {
      size: Number(about.size),
      ...(isKnown && { digest: scene.versionId }),
      contentDigest: async () => scene.versionId,
      // The time of the rename or copy that brought the file here: its own time may be years older.
      lastModified: cameAt(about.ctime, clock),
      chunks: chunksOf(file, Number(about.size), isKnown ? lookAgain : async () => {}),
      range: async (offset, length) => {
        rangesOf ??= openAgain();
        return bytesOf(await rangesOf, offset, length);
      },
      sibling: (key, limit) => readSibling(folder, key, limit),
      close: () => {
        // What was read is whole, whatever closing says.
        file.close().catch(() => {});
        rangesOf?.then((ranges) => ranges.close()).catch(() => {});
      },
      hasChanged: async (sha256) => {
        const found = isKnown ? versionAfter : sha256; // what is known was not hashed in the pass
        if ((found ?? (await contentNow())) !== scene.versionId) return true;
        if (!isKnown && sha256 !== undefined) return false; // these very bytes were read
        const mayHaveBeenOther = sha256 === undefined ? (await fingerprint(path)) !== print : isWrittenTo;
        if (mayHaveBeenOther) throw new TransientTrouble(`${scene.key} was written to while it was read.`);
        return false;
      },
    };
  };
}

/** The bytes of an open file, in order; it is closed after `atEnd`. */
async function* chunksOf(file: FileHandle, size: number, atEnd: () => Promise<void>) {
  try {
    yield* piecesOf(file, size + 1); // a byte more shows that the file has grown
  } finally {
    await atEnd().catch(() => {}); // closed from outside
    await file.close();
  }
}

/** Reads some bytes of a version of a file. One that the inbox does not know is read whole, once until its size or time changes. */
export function readRangeIn(folder: string, knownVersion: Inbox['knownVersion'] = async () => null): ReadRange {
  const keep = makeKept<string>(FILES_KEPT); // many ranges of one file are asked for at once

  async function versionOf(key: string, path: string): Promise<string | undefined> {
    const known = await knownVersion(key);
    if (known !== null) return known;
    const print = await fingerprint(path);
    return print && keep(`${print} ${path}`, () => digest(path));
  }

  return async (scene, offset, length) => {
    const path = await pathOfVersion(folder, scene);
    const isFormer = path !== pathOf(folder, scene.key); // which lies under the name of its content, and is not written to
    await using file = await openFile(path, scene);
    if (!isFormer && (await versionOf(scene.key, path)) !== scene.versionId)
      throw new ObjectNotFound(`${scene.key} is not the version any more that was classified.`);
    return bytesOf(file, offset, length);
  };
}

/** Reads a small file of a folder, which is no link; null if there is none. */
export async function readSibling(folder: string, key: string, limit = MAX_SIBLING_BYTES): Promise<Uint8Array | null> {
  if (await isIrregular(folder, key)) return null;
  try {
    await using file = await openFile(pathOf(folder, key), { key });
    const { size } = await file.stat();
    if (size > limit) throw new ObjectTooLarge(key, size, limit);
    return await bytesOf(file, 0, size);
  } catch (error) {
    return nullIfNotFound(error);
  }
}

/** A version that one of our own drops has replaced lies aside, under its own name. */
async function pathOfVersion(folder: string, { key, versionId }: SceneRef): Promise<string> {
  const current = pathOf(folder, key);
  const former = pathOf(join(folder, FORMER), versionId);
  const isCurrent = (await fingerprint(former)) === undefined;
  if (await isIrregular(folder, isCurrent ? key : `${FORMER}/${versionId}`))
    throw new ObjectNotFound(`${key} is no file of the inbox: ${IRREGULAR}`);
  return isCurrent ? current : former;
}

/** There is no link in the place of a file, and nothing that is no file. */
async function openFile(path: string, { key }: Pick<SceneRef, 'key'>): Promise<FileHandle> {
  const gone = (cause: Error) => new ObjectNotFound(`${key} is not in the inbox any more.`, { cause });
  return openPlainFile(path, constants.O_NOFOLLOW).catch(insteadOf([NoPlainFile, 'ELOOP', ...NO_FILE], gone));
}

type Folders = Pick<DataFolder, 'inbox' | 'once' | 'results' | 'models'>;

/** Opens scene files where they lie: in the inbox, among those classified once, or in the results bucket, where requests are stored. */
export function openScenesOf(folder: Folders, clock: Pick<Clock, 'toOwn'>, known?: Inbox['knownVersion']): OpenScene {
  const opens: Record<string, OpenScene> = {
    [INBOX]: withAssetsIn(folder.inbox, openSceneIn(folder.inbox, clock, known), async ({ key }) => {
      const ofFeed = await hostsOfFeed(key, '', readFromFolder(folder.models));
      return { prefixes: [''], buckets: [], hosts: [...hosts, ...ofFeed] };
    }),
    [ONCE]: withAssetsIn(folder.once, openSceneIn(folder.once, clock)),
    [RESULTS]: openSceneIn(folder.results, clock),
  };
  return (scene) => opens[scene.bucket]!(scene);
}

export function readRangesOf(folder: Folders, known?: Inbox['knownVersion']): ReadRange {
  const reads: Record<string, ReadRange> = {
    [INBOX]: readRangeIn(folder.inbox, known),
    [ONCE]: readRangeIn(folder.once),
    [RESULTS]: readRangeIn(folder.results),
  };
  return (scene, offset, length) => reads[scene.bucket]!(scene, offset, length);
}

/** Where assets may be on a laptop: in the scene's own folder, and at https addresses of hosts that the environment names. */
const hosts = listIn((process.env['ASSET_HOSTS'] ?? '').toLowerCase());
const placesHere: PlacesOf = async () => ({ prefixes: [''], buckets: [], hosts });

/** Opens scene files with which the files can be read that they name. */
export function withAssetsIn(folder: string, openScene: OpenScene, placesOf = placesHere): OpenScene {
  return async (scene) => ({ ...(await openScene(scene)), asset: openAssetsIn(folder, scene, placesOf) });
}

export const openAssetsIn = (folder: string, scene: AssetAt, placesOf = placesHere, web = openWebAsset): OpenAsset =>
  makeOpenAsset(scene, placesOf, async (at, hosts) => {
    if (at instanceof URL) return web(at, hosts);
    const { key } = at;
    if (await isIrregular(folder, key)) throw new ObjectNotFound(`${key} is no file of the inbox: ${IRREGULAR}`);
    const file = await openFile(pathOf(folder, key), { key });
    const printNow = async () => printOf(await file.stat({ bigint: true }));
    const assertStill = async (print: string) => {
      if ((await printNow()) !== print) throw new TransientTrouble(`${key} was written to while it was read.`);
    };
    try {
      const { size } = await file.stat();
      const print = await printNow();
      const digest = await digestOfOpen(file);
      await assertStill(print);
      return {
        key,
        size,
        digest: async () => digest,
        async range(offset, length) {
          const bytes = await bytesOf(file, offset, length);
          await assertStill(print);
          return bytes;
        },
        close: () => void file.close().catch(() => {}),
      };
    } catch (error) {
      await file.close();
      throw error;
    }
  });

/** The buckets are folders by these names. A file's version is its content, of which the inbox knows that of what stands still. */
export function findObjectIn(
  folder: Pick<DataFolder, 'inbox' | 'once' | 'results'>,
  clock: Pick<Clock, 'toOwn'>,
  knownVersion: Inbox['knownVersion'],
): FindObject {
  return async ({ bucket, key, versionId }) => {
    const found = await findIn(bucket, key)
      .catch(onError(['EACCES', 'EPERM'], () => 'forbidden' as const))
      .catch(onError([ObjectNotFound, ...NO_FILE], () => null)); // no file of the folder can have that key
    if (found === 'forbidden') return found;
    if (found === null || (versionId !== null && versionId !== found.version)) return 'missing';
    const { size, ctime } = found.about;
    return { bucket, key, versionId: found.version, size, lastModified: cameAt(ctime, clock).toISOString() };
  };

  async function findIn(bucket: string, key: string) {
    const within = bucket === ONCE ? folder.once : bucket === RESULTS ? folder.results : folder.inbox;
    if (isUnspoken(key) || (await isIrregular(within, key))) return null;
    const path = pathOf(within, key);
    const about = await lstat(path);
    if (!about.isFile()) return null;
    const known = within === folder.inbox ? await knownVersion(key) : null;
    return { about, version: known ?? (await digest(path)) };
  }
}
