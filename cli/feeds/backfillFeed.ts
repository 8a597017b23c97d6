import { askStacApis } from '../../aws/askStacApi.ts';
import { count, counted } from '../../charts/format.ts';
import { type FeedCount, feedsIn } from '../../core/feeds/feed.ts';
import { takeItems } from '../../core/feeds/followFeed.ts';
import { startWithinLimit } from '../send/pacing.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { showProgress } from '../terminal/progress.ts';
import { print } from '../terminal/text.ts';
import { dollarsOf, groundOf, noFeed } from './feed.ts';

type Choice = { since: Date; atOnce: number; dryRun?: boolean };

/** Takes a feed's Items from a time on, month by month, within the executions allowed. Called again, it goes on. */
export async function backfillFeed(name: string, { json, ...options }: Where & Choice): Promise<void> {
  const { since, atOnce, dryRun = false } = options;
  using interrupt = stopOnInterrupt(() => console.error('swath: stopping; no more Items are taken.'));
  const { stopped, wait } = interrupt;
  await withService(options, async ({ modelBucket, inbox, inboxPrefix, listInventory, onTheirWay }) => {
    const feed = await feedsIn(modelBucket).feed(name);
    if (feed === null) throw noFeed(name, options);
    const total: FeedCount = { seen: 0, taken: 0, known: 0, leftOut: 0, refused: 0 };
    const paced = startWithinLimit(atOnce, onTheirWay, wait);
    const planned = new Set<string>();
    let km2 = 0;
    const replaceVersion: typeof inbox.replaceVersion = async (key, bytes, former) => {
      stopped.throwIfAborted();
      if (!dryRun) return paced(() => inbox.replaceVersion(key, bytes, former));
      if (planned.has(key)) return null;
      km2 += groundOf(JSON.parse(Buffer.from(bytes).toString()), feed.area);
      return String(planned.add(key).size);
    };
    using endProgress = showProgress(() => `backfill: ${count(total.seen)} Items seen, ${count(total.taken)} taken`);
    const ports = { inbox: { ...inbox, replaceVersion }, inboxPrefix, listInventory, ask: askStacApis() };
    const end = new Date();
    for (let from = since, to = end; from < end; from = to) {
      to = new Date(from);
      to.setUTCMonth(to.getUTCMonth() + 1);
      if (feed.inventory) to = end; // a listing has all months at once
      // Both ends count, so an Item between two months is seen twice rather than never.
      const found = await takeItems({ ...feed, since: since.toISOString() }, [from, to], ports);
      for (const one of ['seen', 'taken', 'known', 'leftOut', 'refused'] as const) total[one] += found[one];
    }
    endProgress();
    const summary = `${counted(total.seen, 'Item')} since ${since.toISOString().slice(0, 10)}: ${count(total.taken)} ${dryRun ? 'to take' : 'taken'}, ${count(total.known)} taken before, ${count(total.leftOut)} left out, ${count(total.refused)} refused.`;
    const dollars = dryRun ? dollarsOf(total.taken, km2) : undefined;
    const next =
      dollars === undefined
        ? ` See how they end: ${commandFor(options, 'runs')}`
        : ` On AWS, they cost about $${dollars.toFixed(2)}, with a model of pixels of the size of the bundled one.`;
    print(json, { dryRun, ...total, dollars }, () => `${summary}${next}`);
  });
}
