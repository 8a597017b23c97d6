import { jsonIn, onError } from '../base/errors.ts';
import type { Bucket } from '../base/objectStore.ts';
import { withoutSecrets } from '../base/text/withoutSecrets.ts';
import { DAY_MILLISECONDS, dayOf } from '../base/time/days.ts';
import type { Publish } from '../metrics/metrics.ts';
import type { Feed, FeedCount, FeedState } from './feed.ts';
import { collectionAddress, FeedFailed, feedsIn, noneIfUnreadable, UNENDED } from './feed.ts';
import { acquiredAt, dayPrefix, type FeedItem, inboxBytes, inboxKey, NotTaken, parseFeedItem } from './feedItem.ts';
import { inventoryItems, type ListInventory } from './inventory.ts';
import { overlaps } from './overlaps.ts';
import { type AskApi, searchItems } from './stacSearch.ts';

/**
 * How far back a look goes by acquisition, in days, and the first look of a day. Items appear late, and their order is not that of their
 * times: no watermark follows them, and what is in the inbox says what was taken.
 */
export const LOOK_BACK_DAYS = { usual: 3, daily: 30 };

const EARLY_MILLISECONDS = 600_000;

export type FollowFeedsPorts = {
  modelBucket: Pick<Bucket, 'list' | 'read' | 'write'>;
  inbox: Pick<Bucket, 'list' | 'replaceVersion'>;
  inboxPrefix: string;
  ask: AskApi;
  /** Absent where no bucket can be listed: on a laptop. */
  listInventory?: ListInventory | undefined;
  now: () => Date;
};
type Sources = Pick<FollowFeedsPorts, 'ask' | 'listInventory'>;

/**
 * Looks at every feed once, one after the other, and puts what is new into the inbox. A feed that fails says why in its state, and
 * is looked at again with the next call. Each Item is one conditional write, so a look may end anywhere, and two may run at once. What is
 * stored of failures is published before the looks as well: else no alarm would know of looks that take all of a call's time.
 * @returns how many feeds are followed, how many Items were taken, and the most looks in a row that one of the feeds has failed
 */
export async function followFeeds(ports: FollowFeedsPorts & { publish: Publish }) {
  const feeds = feedsIn(ports.modelBucket);
  const followed = (await feeds.all()).filter(({ feed }) => !('status' in feed) || feed.status === 'follows');
  const states = new Map(followed.map(({ name, state }) => [name, state]));
  const most = () => Math.max(0, ...[...states.values()].map((state) => state?.failures ?? 0));
  const publish = () => ports.publish([{ metric: 'FeedFailures', value: most(), dimensions: {} }]);
  if ((await feeds.names()).length > 0) await publish(); // 0 of feeds that are paused or removed: an alarm about them is over
  // What was not looked at for longest comes first: a look that takes all of a call's time keeps no other feed waiting for ever.
  for (const { name } of followed.toSorted((a, b) => ((a.state?.at ?? '') < (b.state?.at ?? '') ? -1 : 1))) {
    const state = await lookAtFeed(name, ports);
    if (state === null) states.delete(name);
    else states.set(name, state);
    await publish();
  }
  const taken = [...states.values()].reduce((sum, state) => sum + (state?.count?.taken ?? 0), 0);
  return { feeds: states.size, taken, failures: most() };
}

/** Looks at a feed once, and returns what became of it; null if it is paused or removed. */
export async function lookAtFeed(name: string, ports: FollowFeedsPorts): Promise<FeedState | null> {
  const feeds = feedsIn(ports.modelBucket);
  const now = ports.now();
  const last = await feeds.state(name).catch(noneIfUnreadable);
  const failure = { at: now.toISOString(), failures: (last?.failures ?? 0) + 1, day: last?.day ?? null, count: null };
  const failed = ({ message }: Error): FeedState => ({ ...failure, error: withoutSecrets(message) });
  const feed = await feeds.feed(name).catch(failed);
  if (feed === null || ('status' in feed && feed.status !== 'follows')) return null;
  if ('inventory' in feed && last !== null && now < nextListing(feed, last)) return { ...last, count: null }; // each listing is of all that there is
  await feeds.putState(name, { ...failure, error: last?.error ?? UNENDED }); // unless it does
  const look = async (of: Feed): Promise<FeedState> => {
    const count = await takeItems(of, [lookFrom(of, last?.day ?? null, now), now], ports);
    return { at: failure.at, error: null, failures: 0, day: dayOf(now), count };
  };
  const state = 'error' in feed ? feed : await look(feed).catch(failed);
  await feeds.putState(name, state);
  return state;
}

/** When a bucket is listed again, or a little before: after a failure sooner, and twice as late with each more. */
export function nextListing({ inventory }: Pick<Feed, 'inventory'>, { at, count, failures }: FeedState): Date {
  const every = inventory?.every ?? 0;
  const hours = count !== null ? every : failures === 0 ? 0 : Math.min(every, 2 ** failures / 4);
  return new Date(Date.parse(at) + hours * 3_600_000 - EARLY_MILLISECONDS);
}

/** The first look reaches back to the feed's beginning, and the first one of a day to a while before the last such look. */
function lookFrom({ since }: Feed, day: string | null, now: Date): Date {
  if (day === null || day > dayOf(now)) return new Date(since); // of a clock that was ahead, nothing is known
  const [from, days] = day === dayOf(now) ? [now, LOOK_BACK_DAYS.usual] : [new Date(day), LOOK_BACK_DAYS.daily];
  return new Date(Math.max(Date.parse(since), from.getTime() - days * DAY_MILLISECONDS));
}

/** Puts the Items of a time that a feed wants and has not taken into the inbox. */
export async function takeItems(
  feed: Feed,
  time: readonly [Date, Date],
  { inbox, inboxPrefix, ...sources }: Pick<FollowFeedsPorts, 'inbox' | 'inboxPrefix'> & Sources,
): Promise<FeedCount> {
  const count: FeedCount = { seen: 0, taken: 0, known: 0, leftOut: 0, refused: 0 };
  const listed = new Map<string, Set<string>>();
  for await (const { items, url } of itemsOf(feed, time, sources))
    for (const json of items) {
      count.seen += 1;
      const note = onError(NotTaken, ({ message }): 'refused' => {
        count.why ??= message;
        return 'refused';
      });
      count[await take(json, url).catch(note)] += 1;
    }
  return count;

  async function take(json: unknown, url: string): Promise<'taken' | 'known' | 'leftOut'> {
    const item = parseFeedItem(json);
    if (!isWanted(item, feed)) return 'leftOut';
    const key = inboxKey(item, feed.name, inboxPrefix);
    const folder = dayPrefix(inboxPrefix, feed.name, item);
    const there = listed.get(folder) ?? new Set(await inbox.list(folder));
    listed.set(folder, there);
    if (there.has(key)) return 'known';
    const written = await inbox.replaceVersion(key, inboxBytes(item, feed, url), null);
    there.add(key);
    return written === null ? 'known' : 'taken';
  }
}

/** What a feed's source lists of a time; an inventory lists what it has of any time. */
export const itemsOf = (feed: Feed, time: readonly [Date, Date], { ask, listInventory }: Sources) =>
  feed.inventory ? inventoryItems(feed, time[1], listInventory) : searchItems(feed, time, ask);

/** Whether an Item is what a feed asks for: not every API obeys each part of a search. */
export function isWanted(item: FeedItem, { collection, since, maxCloud, area }: Feed): boolean {
  const cloud = item.properties['eo:cloud_cover'] ?? 0;
  const acquired = acquiredAt(item);
  return (
    (item.collection ?? collection) === collection &&
    (maxCloud === null || cloud <= maxCloud) &&
    (acquired === null || acquired >= new Date(since)) &&
    (area === null || overlaps(area.coordinates, item))
  );
}

/**
 * Puts Items that a topic tells of into the inbox, for each feed that wants them. Notifications are fast, and some are lost: looks are
 * complete, so a message that cannot be read is only counted. What is taken is the Item as the feed's API has it, as a look would: a topic's may
 * have another `updated`, and would be taken twice.
 * @param messages each an Item, or SNS's notification of one
 */
export async function takeNotified(
  messages: readonly string[],
  { modelBucket, inbox, inboxPrefix, ask }: Omit<FollowFeedsPorts, 'now'>,
) {
  const all = feedsIn(modelBucket);
  const known = await Array.fromAsync(await all.names(), (name) => all.feed(name).catch(noneIfUnreadable));
  const feeds = known.flatMap((feed) => (feed?.status === 'follows' && !feed.inventory ? [feed] : []));
  const count = { messages: messages.length, taken: 0, refused: 0 };
  const refuse = onError([NotTaken, FeedFailed], () => {
    count.refused += 1;
  });
  for (const message of messages) await take(message).catch(refuse);
  return count;

  async function take(message: string): Promise<void> {
    const json = jsonIn(message);
    const { Message } = Object(json) as { Message?: unknown };
    const item = parseFeedItem(typeof Message === 'string' ? jsonIn(Message) : json);
    for (const feed of feeds) {
      if (!isWanted(item, feed)) continue;
      const url = `${collectionAddress(feed)}/items/${encodeURIComponent(item.id.toWellFormed())}`;
      const listed = parseFeedItem(await ask(url));
      const key = inboxKey(listed, feed.name, inboxPrefix);
      if ((await inbox.replaceVersion(key, inboxBytes(listed, feed, url), null)) !== null) count.taken += 1;
    }
  }
}
