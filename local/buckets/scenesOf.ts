import { openWebAsset } from '../../aws/openWebAsset.ts';
import { ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { OpenAsset, OpenScene, ReadRange } from '../../core/base/objectStore.ts';
import { hostsOfFeed } from '../../core/feeds/feedKeys.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { type AssetAt, makeOpenAsset, type PlacesOf } from '../../core/scenes/formats/stacItem/assetAt.ts';
import type { Clock } from '../stack/clock.ts';
import type { DataFolder } from '../stack/dataFolder.ts';
import { digestOfOpen, printOf } from './fingerprint.ts';
import { readFromFolder } from './folderBucket.ts';
import { INBOX, type Inbox, ONCE, RESULTS } from './inbox.ts';
import { IRREGULAR, isIrregular, pathOf } from './inboxKey.ts';
import { bytesOf } from './plainFile.ts';
import { openFile, openSceneIn, readRangeIn } from './sceneFiles.ts';

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
