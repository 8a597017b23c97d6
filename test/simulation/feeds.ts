import { ObjectNotFound } from '../../core/base/errors.ts';
import type { Feed } from '../../core/feeds/feed.ts';
import { feedKey } from '../../core/feeds/feedKeys.ts';
import { type FollowFeedsPorts, lookAtFeed } from '../../core/feeds/followFeed.ts';
import { type Catalogued, catalogue } from '../benches/stacCatalogue.ts';
import { type SceneFile, sceneFile } from './files.ts';
import type { Violation } from './violation.ts';
import type { Worker, World } from './world.ts';

/** A catalogue that lists Items late and revises them, looks at it that die, and what must be in the inbox whatever happens. */

export type FeedStage = {
  /** The catalogue lists an Item that was acquired so many hours ago; one that it lists is revised, and keeps its time. */
  list: (id: string, hoursAgo?: number) => void;
  /** Looks at the feed, whether another look is at work or not. */
  look: () => void;
};

/** A change to how the feed is followed, such as a bug put in on purpose. */
export type FeedPatch = {
  /** In the place of a look; with the time of the last one that came to its end. */
  look?: (feed: Feed, last: Date, ports: FollowFeedsPorts) => Promise<unknown>;
  /** What a look sees of an Item. */
  seen?: (item: Catalogued) => Catalogued;
};

type Revised = Catalogued & { raw: { revision: number } };
const HOUR = 3_600_000;
const ENDING = '.stac.json';

/** @param put puts a file into the inbox; an Item is one of chips there, as the world has no other catalogue's files */
export function makeFeeds(
  world: World,
  put: (key: string, file: SceneFile) => void,
  { look: lookOtherwise, seen = (item) => item }: FeedPatch = {},
) {
  const { call, schedule, models: objects } = world;
  const { name, ...feed }: Feed = {
    name: 'north',
    api: 'https://stac.example.org/v1',
    collection: 'sentinel-2-l2a',
    area: null,
    maxCloud: null,
    since: new Date(schedule.now().getTime() - 1000 * HOUR).toISOString(),
    hosts: [],
    status: 'follows',
  };
  objects.set(feedKey(name), Buffer.from(JSON.stringify(feed)));
  const listed = new Map<string, Revised>();
  const { ask } = catalogue(() => [...listed.values()].map(seen), 2);
  /** The revisions that were put into the inbox, by their Items. */
  const taken: string[] = [];
  const lookers = new Set<Worker>();
  let last = schedule.now();
  let looks = 0;

  function portsOf(worker: Worker): FollowFeedsPorts {
    const does = <Value>(port: string, about: string, effect: () => Value | Promise<Value>) =>
      call(worker, port, effect, { about: () => about });
    const there = (key: string) => objects.get(key) ?? Promise.reject(new ObjectNotFound(`${key} does not exist.`));
    const under = (keys: string[], prefix: string) => keys.filter((key) => key.startsWith(prefix)).sort();
    const inInbox = () => world.inbox.versions.filter(({ isGone }) => !isGone).map(({ scene }) => scene.key + ENDING);
    return {
      modelBucket: {
        read: (key) => does('models.read', key, () => there(key)),
        write: (key, bytes) => does('models.write', key, () => void objects.set(key, bytes)),
        list: (prefix) => does('models.list', prefix, () => under([...objects.keys()], prefix)),
      },
      inbox: {
        list: (prefix) => does('inbox.list', prefix, () => under(inInbox(), prefix)),
        replaceVersion: (key, bytes) =>
          does('inbox.replace', key, () => {
            const own = key.slice(0, -ENDING.length);
            if (world.inbox.current(own) !== undefined) return null;
            const { id, revision } = JSON.parse(Buffer.from(bytes).toString());
            taken.push(`${id}, revision ${revision}`);
            put(own, sceneFile(10 * taken.length, 10 * taken.length + 1));
            return own;
          }),
      },
      inboxPrefix: '',
      ask: (url, body) => does('api.ask', url, () => ask(url, body)),
      now: schedule.now,
    };
  }

  const stage: FeedStage = {
    list: (id, hoursAgo = 0) => {
      const { at, raw } = listed.get(id) ?? {
        at: new Date(schedule.now().getTime() - hoursAgo * HOUR).toISOString(),
        raw: { revision: 0 },
      };
      const updated = schedule.now().toISOString();
      listed.set(id, { id, at, updated, raw: { revision: raw.revision + 1 } });
    },
    look: () => {
      looks += 1;
      const begins = schedule.now();
      const label = `feeds ${looks}`;
      const worker: Worker = {
        ...{ role: 'feeds', label, execution: undefined, isDead: false, timeoutSeconds: 60 },
        abort: () => {},
        die: () => {
          worker.isDead = true;
        },
      };
      lookers.add(worker);
      const ports = portsOf(worker);
      const looked =
        lookOtherwise?.({ name, ...feed }, last, ports) ??
        lookAtFeed(name, ports).then((state) => state?.error && Promise.reject(new Error(state.error)));
      looked.then(
        () => {
          last = begins;
        },
        (error: Error) => world.trace?.push(`${label} fails: ${error.message}`), // the next one takes what it missed
      );
    },
  };

  world.onCrash(() => {
    for (const worker of lookers) worker.isDead = true;
  });

  /** What must be so after a look behind all faults. */
  function verify(broken: (rule: Violation['rule'], what: string) => void): void {
    for (const { id, raw } of listed.values())
      if (!taken.includes(`${id}, revision ${raw.revision}`)) broken(15, `${id}, revision ${raw.revision}, was missed`);
    for (const one of new Set(taken))
      if (taken.filter((other) => other === one).length > 1) broken(15, `${one} was taken twice`);
  }

  return { stage, verify };
}
