import { askStacApis } from '../../aws/askStacApi.ts';
import { count, counted } from '../../charts/format.ts';
import type { Service } from '../../console/service.ts';
import { forEach } from '../../core/base/concurrency/forEach.ts';
import { isBulk, isCanary, isSceneFile } from '../../core/base/keys.ts';
import type { ListedScene } from '../../core/base/objectStore.ts';
import { type FeedCount, feedsIn } from '../../core/feeds/feed.ts';
import { takeItems } from '../../core/feeds/followFeed.ts';
import { makeStart, noneIfTaken } from '../../core/ledger/startAttempt.ts';
import { lackingOf, takersOf } from '../../core/releases/serving.ts';
import { dollarsOf, groundOf, noFeed } from '../feeds/feed.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { stopOnInterrupt } from '../terminal/interrupt.ts';
import { print, printable, refused, showProgress, timeOf, WrongUse } from '../terminal/output.ts';
import { startWithinLimit, type Wait } from './pacing.ts';

type Choice = { since?: string; prefix?: string; limit?: number; atOnce: number; dryRun?: boolean };

export type Backfill = { since?: Date } & Required<Omit<Choice, 'since'>>;

export type BackfilledService = Pick<
  Service,
  'executions' | 'now' | 'inboxPrefix' | 'bulkPrefix' | 'listScenes' | 'onTheirWay'
> & {
  models: Pick<Service['models'], 'serving'>;
  ledger: Pick<Service['ledger'], 'ofScene' | 'claim' | 'fail' | 'grantAttempt'>;
  parameters: Pick<Service['parameters'], 'attemptLimit'>;
};

export type Tally = {
  looked: number;
  started: number;
  /** Files that already have a run by each live model that takes them. */
  known: number;
  /** Files outside the time asked for, in the reserved folder, or taken by no live model. */
  leftOut: number;
  /** Files that another process is starting just now, or whose attempts were lost and are used up. */
  taken: number;
};

const REQUESTS_AT_ONCE = 8;

export async function backfill({ json, feed, ...options }: Where & Choice & { feed?: string }): Promise<void> {
  if (feed !== undefined) {
    if (options.since === undefined)
      throw new WrongUse('--feed needs --since: say from when on its Items are to be taken.');
    return backfillFeed(feed, { ...options, ...(json && { json }), since: timeOf('--since', options.since) });
  }
  const { since, prefix = '', limit = Infinity, atOnce, dryRun = false } = options;
  const asked = { ...(since !== undefined && { since: timeOf('--since', since) }), prefix, limit, atOnce, dryRun };
  using interrupt = stopOnInterrupt(() => console.error('swath: stopping; no more runs are started.'));
  const { stopped, wait } = interrupt;
  await withService(options, async (service) => {
    const tally: Tally = { looked: 0, started: 0, known: 0, leftOut: 0, taken: 0 };
    const names: string[] = [];
    const end = showProgress(() => `backfill: ${count(tally.looked)} files seen, ${count(tally.started)} started`);
    const ended = await backfillInto(service, asked, tally, {
      wait,
      stopped,
      onStart: (key) => names.length < 20 && names.push(key),
    }).catch((error: unknown) => ({ isComplete: false, ...(!stopped.aborted && { error }) }));
    end();
    const { isComplete } = ended;
    // Runs that were started before an error stay started.
    if (!('error' in ended) || tally.looked > 0)
      print(json, { dryRun, isComplete, ...tally }, () => told({ tally, dryRun, names, isComplete, where: options }));
    if ('error' in ended) throw ended.error;
    if (stopped.aborted) process.exitCode = 130;
  });
}

/** Starts each file that lacks a run, by the sweep's names, so none twice; returns whether it saw the whole inbox. */
export async function backfillInto(
  service: BackfilledService,
  { since, prefix, limit, atOnce, dryRun }: Backfill,
  tally: Tally,
  { wait, stopped, onStart }: { wait: Wait; stopped: AbortSignal; onStart: (key: string) => void },
): Promise<{ isComplete: boolean }> {
  const { ledger, executions, now, inboxPrefix, bulkPrefix } = service;
  if (!prefix.startsWith(inboxPrefix) && !inboxPrefix.startsWith(prefix))
    throw refused('--prefix', prefix, `is what begins with ${JSON.stringify(inboxPrefix)}, as the inbox does`);
  const listScenes = service.listScenes(prefix.startsWith(inboxPrefix) ? prefix : inboxPrefix);
  const serving = await service.models.serving();
  if (serving.waiting[0] !== undefined) throw serving.waiting[0].error;
  const { start } = makeStart({ ledger, executions, now, attemptLimit: service.parameters.attemptLimit });
  const startWithinLimits = startWithinLimit(atOnce, service.onTheirWay, wait);
  let begun = 0;
  const isOver = () => stopped.aborted || begun >= limit;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listScenes>> = await listScenes(cursor);
    await forEach(page.scenes, REQUESTS_AT_ONCE, takeUp);
    cursor = page.cursor;
  } while (cursor !== null && !isOver());
  return { isComplete: !isOver() };

  async function takeUp(scene: ListedScene): Promise<void> {
    if (isOver()) return;
    const outcome = await outcomeOf(scene);
    if (outcome === null) return;
    tally.looked += 1;
    tally[outcome] += 1;
    if (outcome === 'started') onStart(scene.key);
  }

  /** Null when the limit is reached before this file was looked at. */
  async function outcomeOf(scene: ListedScene): Promise<Exclude<keyof Tally, 'looked'> | null> {
    if (!isMeant(scene)) return 'leftOut';
    const lacking = lackingOf(serving, scene, await ledger.ofScene(scene), true);
    if (lacking.length === 0) return 'known';
    if (isOver()) return null;
    begun += 1;
    let isStarted = dryRun;
    for (const model of dryRun ? [] : lacking) {
      const { started } = await startWithinLimits(() => start(scene, model, 1).catch(noneIfTaken));
      isStarted ||= started > 0;
    }
    if (isStarted) return 'started';
    begun -= 1;
    return 'taken';
  }

  function isMeant({ key, size, lastModified = '' }: ListedScene): boolean {
    const isOfTime = since === undefined || new Date(lastModified) >= since; // an invalid time is after none
    const isScene = !isCanary(key, inboxPrefix) && isSceneFile({ key, size });
    const isTaken = takersOf(serving, key).length > 0;
    return isOfTime && isScene && isTaken && !isBulk(key, bulkPrefix); // "swath sweep --full" has those
  }
}

type Told = { tally: Tally; dryRun: boolean; names: string[]; isComplete: boolean; where: Partial<Where> };

export function told({ tally, dryRun, names, isComplete, where }: Told): string {
  const { looked, started, known, leftOut, taken } = tally;
  const counts = [
    `${count(started)} ${dryRun ? 'to start' : 'started'}`,
    `${count(known)} have a run`,
    ...(leftOut === 0 ? [] : [`${count(leftOut)} left out`]),
    ...(taken === 0 ? [] : [`${count(taken)} taken up by somebody else`]),
  ];
  const more = isComplete ? '' : ` There may be more${dryRun ? '' : ': run the same command again'}.`;
  const summary = `${count(looked)} files looked at: ${counts.join(', ')}.${more}`;
  if (!dryRun) return started === 0 ? summary : `${summary} See how they end: ${commandFor(where, 'runs')}`;
  const unnamed = started > names.length ? [`… and ${count(started - names.length)} more`] : [];
  return [...names.map(printable), ...unnamed, summary].join('\n');
}

/** Takes a feed's Items from a time on, month by month, within the executions allowed. Called again, it goes on. */
async function backfillFeed(
  name: string,
  { json, ...options }: Where & { since: Date; atOnce: number; dryRun?: boolean },
): Promise<void> {
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
