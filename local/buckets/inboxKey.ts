import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { errorNamed, ObjectNotFound } from '../../core/base/errors.ts';
import * as keys from '../../core/base/keys.ts';
import { keyObstacle } from '../../core/base/messages.ts';

/** The keys that the inbox folder can hold: no two lead to one file, none out of the folder, and a listing finds each. */

/** A file cannot be in the inbox folder under that key; the message says why, and what to do. */
export class UnfitKey extends errorNamed('UnfitKey') {}

/** Longest name of a file or a folder on the usual file systems of Linux and macOS. */
const MAX_SEGMENT_BYTES = 255;

/** Files in the making, by the names that copying programs give them, what lies in hidden folders, and the files of a scene: no word is said of them. */
export function isUnspoken(key: string): boolean {
  const folders = key.split('/').slice(0, -1);
  return keys.isAsset(key) || folders.some((segment) => segment.startsWith('.')) || /(~|\.part|\.tmp)$/.test(key);
}

/** Why a file is skipped, if that is worth reporting: that it is hidden, or its ending. */
export function skippedAs(key: string): string | undefined {
  if (isUnspoken(key)) return undefined;
  return posix.basename(key).startsWith('.') && !keys.isZarr(key) ? 'hidden' : keys.companionEnding(key);
}

/** Temporary names of copying programs, hidden files, and what comes beside scenes, are no scenes. */
export const isPassedOver = (key: string): boolean => isUnspoken(key) || skippedAs(key) !== undefined;

const notes = keys.COMPANION_ENDINGS.filter((ending) => !keys.WORLD_FILE_ENDINGS.includes(ending));
/** The rule for endings that no scene file has, for a sentence. */
export const companionRule = `what ends in ${notes.slice(0, -1).join(', ')} or ${notes.at(-1)}, or as a world file (${keys.WORLD_FILE_ENDINGS.join(', ')}), comes beside scene files and is none, but for a STAC Item (${keys.ITEM_ENDINGS[0]}) and a request (${keys.REQUEST_ENDINGS[0]}); nor is a file in a folder whose name ends in ${keys.ASSETS_FOLDERS.map((ending) => ending.slice(0, -1)).join(' or ')}, or in one of Landsat or HLS, which is a scene's, but for the scene's metadata`;

export const isSceneKey = (key: string): boolean => !isPassedOver(key) && keyObstacle(key) === undefined;

/** Why no file can be under a key: it would lead elsewhere, or no file system accepts it. */
function wayObstacle(key: string): string | undefined {
  const segments = key.split('/');
  const tooLong = segments.find((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES);
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    return 'between its slashes there is nothing, "." or "..", which a file system takes for another way, be it out of the inbox';
  if (key.includes('\0')) return 'it has a NUL character, which ends a name in every file system';
  if (tooLong !== undefined)
    return `one of its names has ${Buffer.byteLength(tooLong)} bytes, and a file system takes at most ${MAX_SEGMENT_BYTES}`;
  return undefined;
}

function whyPassedOver(key: string): string | undefined {
  if (keys.companionEnding(key) !== undefined) return `${companionRule}, so it is skipped there`;
  if (!isPassedOver(key)) return undefined;
  return 'it is that of a hidden or unfinished file (~, .part, .tmp), which is skipped there';
}

/** Refuses a key that leads elsewhere, or that no listing would find; `shown` is the key for messages, if it is not known yet. */
export function assertFits(key: string, { shown = key } = {}): void {
  const obstacle = wayObstacle(key) ?? keyObstacle(key) ?? whyPassedOver(key);
  if (obstacle !== undefined)
    throw new UnfitKey(`${quotedStart(shown)} is no key for a file of the inbox folder: ${obstacle}. Rename it.`);
}

/** The path of a key's file. Throws `ObjectNotFound` for a key that cannot have one. */
export function pathOf(folder: string, key: string): string {
  const obstacle = wayObstacle(key);
  if (obstacle === undefined) return join(folder, ...key.split('/'));
  throw new ObjectNotFound(`${quotedStart(key)} is no file of the inbox: ${obstacle}.`);
}

const SHOWN_LETTERS = 80;

function quotedStart(key: string): string {
  const letters = [...key];
  const start = letters.slice(0, SHOWN_LETTERS).join('');
  return JSON.stringify(letters.length > SHOWN_LETTERS ? `${start}…` : start);
}

/** Where a version goes that one of our own copies replaces: nothing is ever deleted from the inbox. */
export const FORMER = '.versions';

export const IRREGULAR =
  'it is a symbolic link, or lies behind one, and none is followed, as it may lead out of the inbox; or it is a pipe, a socket or a device. Put the file itself there.';

/** Whether on the way to a key's file is neither a regular file nor a folder: a link, which may lead out of the data folder, or a pipe. None is followed. */
export async function isIrregular(folder: string, key: string): Promise<boolean> {
  const segments = key.split('/');
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const about = await lstat(join(folder, ...segments.slice(0, depth))).catch(() => undefined);
    if (about === undefined) return false; // nothing is there
    if (!about.isFile() && !about.isDirectory()) return true;
  }
  return false;
}
