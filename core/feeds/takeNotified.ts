import { onError } from '../base/errors.ts';
import { jsonIn } from '../base/text/jsonIn.ts';
import { type Feed, feedsIn } from './feed.ts';
import { inboxBytes, inboxKey, NotTaken, parseFeedItem } from './feedItem.ts';
import { type FollowFeedsPorts, isWanted } from './followFeed.ts';

/**
 * Puts Items that a topic tells of into the inbox, for each feed that wants them. Notifications are fast, and some are lost: looks are
 * complete, so a message that cannot be read is only counted.
 *
 * @param messages each an Item, or SNS's notification of one
 */
export async function takeNotified(
  messages: readonly string[],
  { modelBucket, inbox, inboxPrefix }: Pick<FollowFeedsPorts, 'modelBucket' | 'inbox' | 'inboxPrefix'>,
) {
  const all = feedsIn(modelBucket);
  const feeds: Feed[] = [];
  for (const name of await all.names()) feeds.push(...[(await all.feed(name)) ?? []].flat());
  const count = { messages: messages.length, taken: 0, refused: 0 };
  const refuse = onError(NotTaken, () => {
    count.refused += 1;
  });
  for (const message of messages) await take(message).catch(refuse);
  return count;

  async function take(message: string): Promise<void> {
    const json = jsonIn(message);
    const { Message } = Object(json) as { Message?: unknown };
    const item = parseFeedItem(typeof Message === 'string' ? jsonIn(Message) : json);
    for (const feed of feeds) {
      if (feed.status !== 'follows' || !isWanted(item, feed)) continue;
      const key = inboxKey(item, feed.name, inboxPrefix);
      if ((await inbox.replaceVersion(key, inboxBytes(item, feed, feed.api), null)) !== null) count.taken += 1;
    }
  }
}
