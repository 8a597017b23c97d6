import type { OpenScene, ReadRange } from '../../core/base/objectStore.ts';
import type { Clock } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import { INBOX, type Inbox, ONCE, RESULTS } from './inbox.ts';
import { openKeptIn } from './keptObjects.ts';
import { withAssetsIn } from './openAsset.ts';
import { openSceneIn, readRangeIn } from './sceneFiles.ts';

type Folders = Pick<DataFolder, 'inbox' | 'once' | 'results'>;

/**
 * Opens scene files where they lie: in the inbox, among those classified once, both with the assets that they name, or where
 * requests are stored, which is the results bucket.
 */
export function openScenesOf(
  folder: Folders,
  clock: Pick<Clock, 'toOwn'>,
  knownVersion?: Inbox['knownVersion'],
): OpenScene {
  const opens: Record<string, OpenScene> = {
    [INBOX]: withAssetsIn(folder.inbox, openSceneIn(folder.inbox, clock, knownVersion)),
    [ONCE]: withAssetsIn(folder.once, openSceneIn(folder.once, clock)),
    [RESULTS]: openKeptIn(folder.results, clock),
  };
  return (scene) => opens[scene.bucket]!(scene);
}

/** Reads some bytes of them. */
export function readRangesOf(folder: Folders, knownVersion?: Inbox['knownVersion']): ReadRange {
  const reads: Record<string, ReadRange> = {
    [INBOX]: readRangeIn(folder.inbox, knownVersion),
    [ONCE]: readRangeIn(folder.once),
    [RESULTS]: readRangeIn(folder.results),
  };
  return (scene, offset, length) => reads[scene.bucket]!(scene, offset, length);
}
