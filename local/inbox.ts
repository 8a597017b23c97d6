import { createHash, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  type BigIntStats,
  constants,
  createReadStream,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { chmod, copyFile, type FileHandle, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ObjectNotFound } from '../functions/shared/errors.ts';
import { keyObstacle, type SceneRef } from '../functions/shared/messages.ts';
import type { ListedScene, ListScenes, OpenScene, ReadRange } from '../functions/shared/objectStore.ts';
import { sentKey } from '../functions/shared/sentKey.ts';
import { type Clock, makeClock } from './clock.ts';
import { withRoom } from './folderBucket.ts';
import { filesIn, NOT_UTF8 } from './inboxFiles.ts';
import { isBehindLink, isPassedOver, needFit, pathOf, UnfitKey } from './inboxKey.ts';
import { isMoving as changedLately } from './still.ts';
import { parseVersions, type Version } from './versions.ts';

/** The bucket's name in scenes, and so in the ledger. */
export const INBOX = 'inbox';
/** Where a version goes that one of our own drops replaces: nothing is ever deleted from the inbox. */
const FORMER = '.versions';
const CHUNK_BYTES = 1 << 20;
const PAGE = 1000;

/**
 * The inbox folder as a bucket with versions: a version's id is the SHA-256 of its content, so that touching a file makes
 * no new scene. What a file's content was, as of which size and time, is kept in a file of lines, so that a restart need
 * not read everything again.
 */
export function openInbox(folder: string, versionsFile: string) {
  const known = readVersions(versionsFile);

  /** The scene that a file of the inbox is now, and whether that is news; undefined when it is none. Throws for one that cannot be, by its name. */
  async function look(key: string): Promise<{ scene: SceneRef; isNew: boolean } | undefined> {
    if (isPassedOver(key)) return undefined;
    const obstacle = keyObstacle(key);
    if (obstacle !== undefined) throw new Error(`it cannot be named in S3: ${obstacle}. Rename it.`);
    const path = pathOf(folder, key);
    if (await isBehindLink(folder, key)) throw new Error(NO_LINKS);
    const before = await fingerprint(path);
    if (before === undefined && key.includes('\ufffd')) throw new Error(NOT_UTF8);
    if (before === undefined) return undefined;
    const last = known.get(key);
    if (last?.fingerprint === before) return { scene: sceneOf(key, last.sha256), isNew: false };
    const sha256 = await digest(path);
    if ((await fingerprint(path)) !== before) return undefined; // still being written: it will be looked at again
    remember(key, sha256, before);
    return { scene: sceneOf(key, sha256), isNew: sha256 !== last?.sha256 };
  }

  function remember(key: string, sha256: string, print: string): void {
    known.set(key, { sha256, fingerprint: print });
    appendFileSync(versionsFile, `${JSON.stringify([key, sha256, print])}\n`);
  }

  /** The version that a file of the inbox is, where it stands as it did when that was found out; else null. */
  async function knownVersion(key: string): Promise<string | null> {
    const last = known.get(key);
    return last !== undefined && last.fingerprint === (await fingerprint(pathOf(folder, key))) ? last.sha256 : null;
  }

  /** Copies a file in under `key`, visible whole or not at all, and answers the scene that it is. */
  async function put(source: string, key: string): Promise<SceneRef> {
    return place(source, () => key);
  }

  /**
   * Copies a file in under a key that its content and its name make: sent once more, from wherever, it is the scene that
   * it was, and files of one name from two folders stay apart.
   */
  function send(source: string, keyPrefix = ''): Promise<SceneRef> {
    return place(source, (sha256) => sentKey(sha256, source, keyPrefix), `${keyPrefix}…/${basename(source)}`);
  }

  async function place(source: string, keyFor: (sha256: string) => string, shown?: string): Promise<SceneRef> {
    needFit(keyFor('0'.repeat(64)), { shown }); // refused before anything is copied
    const aside = join(folder, `.${randomUUID()}.part`);
    try {
      const { size, mode } = await stat(source);
      await withRoom(join(folder, basename(source)), size, async () => {
        await copyFile(source, aside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await chmod(aside, mode | 0o200); // the copy of a read-only file could not be opened to be synced
        const file = await open(aside, 'r+');
        await file.sync().finally(() => file.close());
      });
      const sha256 = await digest(aside);
      const key = keyFor(sha256);
      const path = pathOf(folder, key);
      for (const one of [key, FORMER])
        if (await isBehindLink(folder, one)) throw new UnfitKey(`${JSON.stringify(one)}: ${NO_LINKS}`);
      await mkdir(dirname(path), { recursive: true });
      const current = await look(key);
      if (current?.scene.versionId === sha256) return current.scene;
      if (current !== undefined) {
        await mkdir(join(folder, FORMER), { recursive: true });
        await rename(path, join(folder, FORMER, current.scene.versionId));
      }
      await rename(aside, path);
      remember(key, sha256, (await fingerprint(path)) ?? '');
      return sceneOf(key, sha256);
    } finally {
      await rm(aside, { force: true });
    }
  }

  /** Every key in the folder, in order, whatever is new about it; hears of folders that cannot be looked into. */
  async function keys(onTrouble: OnTrouble = () => {}): Promise<string[]> {
    const found: string[] = [];
    for await (const key of filesIn(folder, onTrouble)) found.push(key);
    return found.sort();
  }

  /** Whether a file may be in the making still: it changed a moment ago, and not by a drop of our own. */
  async function isMoving(key: string): Promise<boolean> {
    const path = join(folder, ...key.split('/'));
    const about = await lstat(path).catch(() => undefined);
    return about !== undefined && changedLately(about) && known.get(key)?.fingerprint !== (await fingerprint(path));
  }

  /**
   * When a file came here at the latest, by the machine's time: that of the rename or copy, as its own may be years older,
   * or that of its folder, which may have been moved in as a whole.
   */
  async function arrived(key: string): Promise<{ at: Date; size: number } | undefined> {
    const segments = key.split('/');
    const paths = segments.map((_, i) => pathOf(folder, segments.slice(0, i + 1).join('/')));
    const about = await Promise.all(paths.map((path) => stat(path))).catch(() => undefined);
    return about && { at: new Date(Math.max(...about.map(({ ctime }) => ctime.getTime()))), size: about.at(-1)!.size };
  }

  return { look, knownVersion, put, send, keys, isMoving, arrived };
}

export type Inbox = ReturnType<typeof openInbox>;
/** Hears of a file, or a folder, that cannot be looked at. */
export type OnTrouble = (key: string, error: Error) => void;

const NO_LINKS =
  'it is a symbolic link, or lies behind one, and none is followed, as it may lead out of the inbox. Put the file itself there.';

/** Lists what lies in the inbox folder now and stands still, a page at a time, in the order of keys. */
export function listScenesOf(
  inbox: Inbox,
  onTrouble: OnTrouble,
  clock: Pick<Clock, 'toOwn'> = makeClock(),
): ListScenes {
  return async (cursor, { prefix = '', except } = {}) => {
    const every = await inbox.keys(cursor === null ? onTrouble : undefined); // it is said once, and not with every page
    const isMeant = (key: string) => key.startsWith(prefix) && !(except !== undefined && key.startsWith(except));
    const all = every.filter(isMeant);
    const rest = cursor === null ? all : all.filter((key) => key > cursor);
    const page = rest.slice(0, PAGE);
    const scenes: ListedScene[] = [];
    for (const key of page) {
      try {
        const found = (await inbox.isMoving(key)) ? undefined : await inbox.look(key); // the watcher has it then
        if (found === undefined) continue;
        const arrived = await inbox.arrived(key);
        scenes.push({
          ...found.scene,
          ...(arrived && { lastModified: clock.toOwn(arrived.at).toISOString(), size: arrived.size }),
        });
      } catch (error) {
        onTrouble(key, error as Error); // one file that cannot be read must not hide the others
      }
    }
    return {
      scenes,
      cursor: rest.length > PAGE ? (page.at(-1) ?? null) : null,
    };
  };
}

/**
 * Opens a version of a file for one streamed pass; it needs no more than the folder, so any worker can. Where the inbox
 * knows the file as it stands, its content is not hashed once more: it is what it was, as long as the open file stands still.
 *
 * @param knownVersion what the inbox knows, without a look into the file
 */
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
    let printAfter: string | undefined;
    const isAsKnown = () => isKnown && printAfter === print;
    const contentNow = async () => digest(await pathOfVersion(folder, scene)).catch(() => '');
    return {
      size: Number(about.size),
      ...(isKnown && { digest: scene.versionId }),
      // The time of the rename or copy that brought the file here: its own time may be years older.
      lastModified: clock.toOwn(about.ctime),
      chunks: chunksOf(file, Number(about.size), (after) => {
        printAfter = after;
      }),
      close: () => void file.close().catch(() => {}), // what was read is whole, whatever closing says
      hasChanged: async (sha256) => {
        if (isAsKnown()) return false;
        const found = isKnown || sha256 === undefined ? await contentNow() : sha256;
        return found !== scene.versionId;
      },
    };
  };
}

/** Two rooms for chunks, one read into while the other is looked at; they serve one file after the other. */
let spareRooms: [Buffer, Buffer] | undefined;

/**
 * The bytes of an open file, in order; it is closed at the end. A new buffer for each chunk would cost more than reading
 * does: what is collected as garbage is counted in bytes, and so it is collected all the time. `onEnd` hears how the file
 * stands then.
 */
async function* chunksOf(
  file: FileHandle,
  size: number,
  onEnd: (print: string) => void,
): AsyncGenerator<Uint8Array, void, void> {
  // Of small files many are read at once: none has more room than it needs, and what it needs goes with it.
  const isSmall = size < CHUNK_BYTES;
  const roomBytes = isSmall ? size + 1 : CHUNK_BYTES; // a byte more than a file should have shows that it has grown
  const newRoom = () => Buffer.allocUnsafeSlow(roomBytes);
  const rooms = (isSmall ? undefined : spareRooms) ?? [newRoom(), newRoom()];
  if (!isSmall) spareRooms = undefined;
  let [coming, looked] = rooms;
  const readOn = () => {
    const reading = file.read(coming, 0, roomBytes, null);
    reading.catch(() => {}); // it is thrown where it is waited for, or of no interest to one who has left
    return reading;
  };
  let reading = readOn();
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      [coming, looked] = [looked, coming];
      reading = readOn();
      yield looked.subarray(0, bytesRead);
    }
  } finally {
    await reading.catch(() => {}); // it writes into a room that is another's afterwards
    if (!isSmall) spareRooms = rooms;
    await file.stat({ bigint: true }).then(
      (about) => onEnd(printOf(about)),
      () => {},
    ); // closed from outside
    await file.close();
  }
}

/**
 * Reads some bytes of a version of a file. Whether the file still is that version, the inbox knows as long as it stands
 * still; a file that the inbox does not know as it is now is read whole once, and then again only after its size or time
 * has changed.
 *
 * @param knownVersion what the inbox knows, without a look into the file
 */
export function readRangeIn(folder: string, knownVersion: Inbox['knownVersion'] = async () => null): ReadRange {
  const digests = new Map<string, { print: string; sha256: Promise<string> }>();

  async function versionOf(key: string, path: string): Promise<string | undefined> {
    const known = await knownVersion(key);
    if (known !== null) return known;
    const print = await fingerprint(path);
    if (print === undefined) return undefined;
    const last = digests.get(path);
    if (last?.print === print) return last.sha256;
    const sha256 = digest(path); // kept as a promise: many ranges of one file are asked for at once
    digests.set(path, { print, sha256 });
    sha256.catch(() => digests.delete(path));
    return sha256;
  }

  return async (scene, offset, length) => {
    const path = await pathOfVersion(folder, scene);
    const isFormer = path !== pathOf(folder, scene.key); // which lies under the name of its content, and is not written to
    const file = await openFile(path, scene);
    try {
      if (!isFormer && (await versionOf(scene.key, path)) !== scene.versionId)
        throw new ObjectNotFound(`${scene.key} is not the version any more that was classified.`);
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  };
}

/** A version that one of our own drops has replaced lies aside, under its own name. */
async function pathOfVersion(folder: string, { key, versionId }: SceneRef): Promise<string> {
  const current = pathOf(folder, key);
  const former = pathOf(join(folder, FORMER), versionId);
  const isCurrent = (await fingerprint(former)) === undefined;
  if (await isBehindLink(folder, isCurrent ? key : `${FORMER}/${versionId}`))
    throw new ObjectNotFound(`${key} is no file of the inbox: ${NO_LINKS}`);
  return isCurrent ? current : former;
}

/** No link in the place of a file, and no pipe, on which a reader would wait for ever. */
const JUST_A_FILE = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function openFile(path: string, { key }: SceneRef): Promise<FileHandle> {
  const gone = (cause?: unknown) => new ObjectNotFound(`${key} is not in the inbox any more.`, { cause });
  const file = await open(path, JUST_A_FILE).catch((error: NodeJS.ErrnoException) => {
    throw ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(String(error.code))
      ? gone(error)
      : error;
  });
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw gone();
}

function sceneOf(key: string, versionId: string): SceneRef {
  return { bucket: INBOX, key, versionId };
}

/** Size, time and identity of a file: as long as it stands still, so does its content. */
async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const about = await lstat(path, { bigint: true });
    return about.isFile() ? printOf(about) : undefined;
  } catch {
    return undefined;
  }
}

function printOf({ size, mtimeNs, ino }: BigIntStats): string {
  return `${size}-${mtimeNs}-${ino}`;
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), hash);
  return hash.digest('hex');
}

/** Reads the lines, and writes them back without the outdated ones. */
function readVersions(versionsFile: string): Map<string, Version> {
  let text: string;
  try {
    text = readFileSync(versionsFile, 'utf8');
  } catch {
    return new Map(); // a new folder
  }
  const known = parseVersions(text);
  const kept = [...known].map(([key, one]) => `${JSON.stringify([key, one.sha256, one.fingerprint])}\n`);
  writeFileSync(`${versionsFile}.tmp`, kept.join(''));
  renameSync(`${versionsFile}.tmp`, versionsFile);
  return known;
}
