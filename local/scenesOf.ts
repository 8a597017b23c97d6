import type { OpenScene, ReadRange } from '../core/objectStore.ts';
import type { Clock } from './clock.ts';
import { INBOX, type Inbox } from './inbox.ts';
import { openKeptIn } from './keptObjects.ts';
import { openSceneIn, readRangeIn } from './sceneFiles.ts';

type Folders = { inbox: string; results: string };

/** Opens scene files where they lie: in the inbox, or where requests are kept, which is the results bucket. */
export function openScenesOf(
  folder: Folders,
  clock: Pick<Clock, 'toOwn'>,
  knownVersion?: Inbox['knownVersion'],
): OpenScene {
  const inInbox = openSceneIn(folder.inbox, clock, knownVersion);
  const inResults = openKeptIn(folder.results, clock);
  return (scene) => (scene.bucket === INBOX ? inInbox(scene) : inResults(scene));
}

/** Reads some bytes of them. */
export function readRangesOf(folder: Folders, knownVersion?: Inbox['knownVersion']): ReadRange {
  const inInbox = readRangeIn(folder.inbox, knownVersion);
  const inResults = readRangeIn(folder.results);
  return (scene, offset, length) => (scene.bucket === INBOX ? inInbox : inResults)(scene, offset, length);
}
