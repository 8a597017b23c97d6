import { onError } from '../base/errors.ts';
import { jsonIn } from '../base/text/jsonIn.ts';
import { collectionAddress, type Feed, FeedFailed, feedsIn, noneIfUnreadable } from './feed.ts';
import { inboxBytes, inboxKey, NotTaken, parseFeedItem } from './feedItem.ts';
import { type FollowFeedsPorts, isWanted } from './followFeed.ts';

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
  const feeds: Feed[] = [];
  for (const name of await all.names()) {
    const feed = await all.feed(name).catch(noneIfUnreadable);
    if (feed?.status === 'follows' && !feed.inventory) feeds.push(feed);
  }
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
