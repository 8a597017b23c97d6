import { randomUUID } from 'node:crypto';
import { appendFileSync, constants, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { jsonIn, orElse } from '../../core/base/errors.ts';
import { keyObstacle, type SceneRef, sceneRefSchema } from '../../core/base/messages.ts';
import type { ListedScene, ListScenes, LookUpScenes } from '../../core/base/objectStore.ts';
import { sentKey, sentName } from '../../core/scenes/sentKey.ts';
import { type Clock, cameAt, makeClock } from '../stack/clock.ts';
import { companionsBeside } from './assetsBeside.ts';
import { withBuffer } from './folderBucket.ts';
import type { OnGrown } from './grown.ts';
import { filesIn, NOT_UTF8 } from './inboxFiles.ts';
import { assertFits, FORMER, IRREGULAR, isIrregular, isPassedOver, pathOf, skippedAs, UnfitKey } from './inboxKey.ts';
import { digest, fingerprint, sentDigest } from './sceneFolder.ts';
import { isMoving as changedLately, isOpenIn, keysOpenForWriting, lastChangeBeside } from './still.ts';

export const INBOX = 'inbox';
/** The bucket of files that are classified once: no sweep lists it, and nothing watches it. */
export const ONCE = 'once';
export const RESULTS = 'results';
const PAGE = 1000;
/** A page ends after this time, however few files it has: the caller has a time-out, and contents may have to be hashed. */
const PAGE_MILLISECONDS = 30_000;

/** The inbox folder as a versioned bucket: a version's id is its content's SHA-256, stored so that no restart reads it again. */
export function openInbox(
  folder: string,
  versionsFile: string,
  onPassedOver: OnPassedOver = () => {},
  bucket: typeof INBOX | typeof ONCE = INBOX,
  onGrown: OnGrown = async () => {},
) {
  const known = readVersions(versionsFile);
  const toldNames = new Set<string>();

  /** The scene that a file is now, and whether it is new; undefined if none. `anew` hashes known content. Throws for unfit names. */
  async function look(key: string, { anew = false } = {}): Promise<{ scene: SceneRef; isNew: boolean } | undefined> {
    if (isPassedOver(key)) return undefined;
    const obstacle = keyObstacle(key);
    if (obstacle !== undefined) throw new Error(`it cannot be named in S3: ${obstacle}. Rename it.`);
    const path = pathOf(folder, key);
    if (await isIrregular(folder, key)) throw new Error(IRREGULAR);
    const before = await fingerprint(path);
    if (before === undefined && key.includes('\ufffd')) throw new Error(NOT_UTF8);
    if (before === undefined) return undefined;
    const last = known.get(key);
    const isAsKnown = last?.fingerprint === before;
    if (isAsKnown && !anew) return { scene: sceneOf(key, last.sha256), isNew: false };
    const sha256 = await digest(path);
    if ((await fingerprint(path)) !== before) return undefined; // still being written: it will be checked again
    await tellGrown(key, path, sha256, Number.parseInt(before, 10));
    if (!isAsKnown || sha256 !== last.sha256) remember(key, sha256, before);
    return { scene: sceneOf(key, sha256), isNew: sha256 !== last?.sha256 };
  }

  /** Tells of a file that begins with the whole of its former version. */
  async function tellGrown(key: string, path: string, sha256: string, size: number): Promise<void> {
    const last = known.get(key);
    if (last === undefined || sizeOf(last) >= size || (await digest(path, sizeOf(last))) !== last.sha256) return;
    await onGrown(sceneOf(key, last.sha256), sceneOf(key, sha256));
  }

  function remember(key: string, sha256: string, print: string): void {
    appendFileSync(versionsFile, `${JSON.stringify([key, sha256, print])}\n`); // first, or a full disk would leave it unknown to the next start
    known.set(key, { sha256, fingerprint: print });
  }

  /** The version of a file of the inbox, if its fingerprint is unchanged; otherwise null. */
  async function knownVersion(key: string): Promise<string | null> {
    const last = known.get(key);
    return last !== undefined && last.fingerprint === (await fingerprint(pathOf(folder, key))) ? last.sha256 : null;
  }

  /** Copies a file in under `key`, atomically, and returns its scene. */
  const put = async (source: string, key: string): Promise<SceneRef> => place(source, () => key);

  /** Copies a file in under a key of its content and name: a copy from elsewhere is the same scene, a namesake is not. */
  const send = (source: string, keyPrefix = ''): Promise<SceneRef> =>
    place(source, (sha256) => sentKey(sha256, source, keyPrefix), `${keyPrefix}…/${sentName(source)}`);

  async function place(source: string, keyFor: (sha256: string) => string, shown?: string): Promise<SceneRef> {
    assertFits(keyFor('0'.repeat(64)), { shown }); // refused before anything is copied
    return copiedAside(source, async (aside, size) => {
      const sha256 = await digest(aside);
      const key = keyFor(await sentDigest(source, sha256));
      const path = pathOf(folder, key);
      for (const one of [key, FORMER])
        if (await isIrregular(folder, one)) throw new UnfitKey(`${JSON.stringify(one)}: ${IRREGULAR}`);
      await mkdir(dirname(path), { recursive: true });
      await placeSiblings(source, key);
      const current = await look(key);
      if (current?.scene.versionId === sha256) return current.scene;
      if (current !== undefined) {
        await tellGrown(key, aside, sha256, size);
        await mkdir(join(folder, FORMER), { recursive: true });
        await rename(path, join(folder, FORMER, current.scene.versionId));
      }
      await rename(aside, path);
      remember(key, sha256, (await fingerprint(path)) ?? '');
      return sceneOf(key, sha256);
    });
  }

  /** Copies a file to the inbox under a name that nobody looks at, and has it put into its place; else nothing is left behind. */
  async function copiedAside<Of>(source: string, put: (aside: string, size: number) => Promise<Of>): Promise<Of> {
    const aside = join(folder, `.${randomUUID()}.part`);
    try {
      const { size, mode } = await stat(source);
      await withBuffer(join(folder, basename(source)), size, async () => {
        await copyFile(source, aside, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await chmod(aside, mode | 0o200); // a copy of a read-only file could not be opened for the sync
        await using file = await open(aside, 'r+');
        await file.sync();
      });
      return await put(aside, size);
    } finally {
      await rm(aside, { force: true });
    }
  }

  async function placeSiblings(source: string, key: string): Promise<void> {
    for (const [from, to] of await companionsBeside(source, key))
      await copiedAside(from, async (aside) => {
        if (await isIrregular(folder, to)) throw new UnfitKey(`${JSON.stringify(to)}: ${IRREGULAR}`);
        await mkdir(dirname(pathOf(folder, to)), { recursive: true });
        await rename(aside, pathOf(folder, to));
      });
  }

  /** Every key in the folder, in order; reports folders that cannot be read. */
  async function keys(onError: OnTrouble = () => {}): Promise<string[]> {
    const found: string[] = [];
    for await (const key of filesIn(folder, onError)) {
      if (!isPassedOver(key)) found.push(key);
      else if (!toldNames.has(basename(key)) && !(await isMoving(key))) passOver(key);
    }
    return found.sort();
  }

  /** Reports a skipped file, once for each name, as each folder of scenes may have such a file. */
  function passOver(key: string): void {
    const [name, as] = [basename(key), skippedAs(key)];
    if (as === undefined || toldNames.has(name)) return;
    toldNames.add(name);
    onPassedOver(name, as);
  }

  /** Whether a file may still be being written: it changed a moment ago, and not by our own copy. */
  async function isMoving(key: string): Promise<boolean> {
    const path = join(folder, ...key.split('/'));
    const about = await lstat(path).catch(() => undefined);
    if (about === undefined || known.get(key)?.fingerprint === (await fingerprint(path))) return false;
    return changedLately(about) || changedLately({ ctimeMs: await lastChangeBeside(folder, key) });
  }

  /** When a file arrived at the latest, by the machine's time: its rename or copy, or its folder's; its own may be years older. */
  async function arrived(key: string): Promise<{ at: Date; size: number } | undefined> {
    const segments = key.split('/');
    const paths = segments.map((_, i) => pathOf(folder, segments.slice(0, i + 1).join('/')));
    const about = await Promise.all(paths.map((path) => stat(path))).catch(() => undefined);
    return about && { at: new Date(Math.max(...about.map(({ ctime }) => ctime.getTime()))), size: about.at(-1)!.size };
  }

  const sceneOf = (key: string, versionId: string): SceneRef => ({ bucket, key, versionId });

  return { folder, look, knownVersion, put, send, keys, passOver, isMoving, arrived };
}

export type Inbox = ReturnType<typeof openInbox>;
/** Called with a skipped file: its name, and why, such as its ending. */
export type OnPassedOver = (name: string, as: string) => void;
/** Called with a file or folder that cannot be read. */
export type OnTrouble = (key: string, error: Error) => void;

/** Lists files that are not being written, a page at a time, by key. Only a full sweep reads unchanged ones. */
export function listScenesOf(
  inbox: Inbox,
  onError: OnTrouble,
  clock: Pick<Clock, 'toOwn'> = makeClock(),
  pageMilliseconds = PAGE_MILLISECONDS,
): ListScenes {
  return async (cursor, { prefix = '', except, anew = false } = {}) => {
    const began = performance.now();
    const every = await inbox.keys(cursor === null ? onError : undefined); // it is said once, and not with every page
    const isLeft = (key: string) =>
      (cursor !== null && key <= cursor) || (except !== undefined && key.startsWith(except));
    const rest = every.filter((key) => key.startsWith(prefix) && !isLeft(key));
    const open = keysOpenForWriting(inbox.folder);
    const scenes: ListedScene[] = [];
    let looked = 0;
    for (const key of rest.slice(0, PAGE)) {
      if (looked > 0 && performance.now() - began >= pageMilliseconds) break;
      looked += 1;
      try {
        const isOpen = isOpenIn(open, key) && (await inbox.knownVersion(key)) === null;
        const isMoving = isOpen || (await inbox.isMoving(key)); // the watcher has it then
        const found = isMoving ? undefined : await inbox.look(key, { anew });
        if (found === undefined) continue;
        scenes.push({ ...(await asListed(inbox, found.scene, clock)), ...(found.isNew && { isNew: true }) });
      } catch (error) {
        onError(key, error as Error); // one file that cannot be read must not hide the others
      }
    }
    return { scenes, cursor: rest.length > looked ? (rest[looked - 1] ?? null) : null };
  };
}

/** Looks up files that are unchanged since they arrived; changed ones are left out. */
export function lookUpScenesOf(inbox: Inbox, clock: Pick<Clock, 'toOwn'> = makeClock()): LookUpScenes {
  return async (scenes) => {
    const found: ListedScene[] = [];
    for (const scene of scenes)
      if ((await inbox.knownVersion(scene.key)) === scene.versionId) found.push(await asListed(inbox, scene, clock));
    return found;
  };
}

async function asListed(inbox: Inbox, scene: SceneRef, clock: Pick<Clock, 'toOwn'>): Promise<ListedScene> {
  const arrived = await inbox.arrived(scene.key);
  return { ...scene, ...(arrived && { lastModified: cameAt(arrived.at, clock).toISOString(), size: arrived.size }) };
}

/** What a file of the inbox is known to be: the SHA-256 of its content, as long as its fingerprint stays. */
type Version = { sha256: string; fingerprint: string };

const sizeOf = ({ fingerprint }: Version): number => Number.parseInt(fingerprint, 10);

/** The digest becomes a file's name, so nothing else may stand there. */
const lineSchema = z.tuple([
  sceneRefSchema.shape.key,
  z.string().regex(/^[0-9a-f]{64}$/),
  z.string().regex(/^\d+--?\d+-\d+-\d+$/),
]);

/** Reads the inbox's file of versions: of a key, the last line counts. What says nothing is left out: its file is read again. */
export function parseVersions(text: string): Map<string, Version> {
  const known = new Map<string, Version>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('[') || !line.endsWith(']')) continue; // an error a line would cost a hundred times the line
    const { success, data } = lineSchema.safeParse(jsonIn(line));
    if (success) known.set(data[0], { sha256: data[1], fingerprint: data[2] });
  }
  return known;
}

/** Reads the lines, and writes them back without the outdated ones. */
function readVersions(versionsFile: string): Map<string, Version> {
  const text = orElse(null, () => readFileSync(versionsFile, 'utf8'));
  if (text === null) return new Map(); // a new folder
  const known = parseVersions(text);
  const kept = [...known].map(([key, { sha256, fingerprint: print }]) => `${JSON.stringify([key, sha256, print])}\n`);
  writeFileSync(`${versionsFile}.tmp`, kept.join(''));
  renameSync(`${versionsFile}.tmp`, versionsFile);
  return known;
}
