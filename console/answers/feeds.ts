import { commandFor } from '../../core/base/text/commandFor.ts';
import { withoutSecrets } from '../../core/base/text/withoutSecrets.ts';
import { type Feed, type FeedState, feedsIn } from '../../core/feeds/feed.ts';
import { feedOf } from '../../core/feeds/feedKeys.ts';
import { nextListing } from '../../core/feeds/followFeed.ts';
import { LAPTOP_SCHEDULE, periodOf, scheduleText } from '../../core/feeds/schedule.ts';
import { type AreaOfInterest, boxOfArea } from '../../core/package/areaOfInterest.ts';
import { LAPTOP, placeOf } from '../../observability/alarms.ts';
import type { Feeds, ShownFeed } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import type { Service } from '../service.ts';
import { runSummary } from './runSummary.ts';

export async function feedsOf(service: Service, newestRuns: Pick<NewestRuns, 'read'>): Promise<Feeds> {
  const { stage, parameters, modelBucket, inboxPrefix } = service;
  const [all, { rows }] = await Promise.all([feedsIn(modelBucket).all(), newestRuns.read({ search: 'feeds/' })]);
  const schedule = stage === LAPTOP ? LAPTOP_SCHEDULE : parameters.feedSchedule;
  const period = periodOf(schedule);
  const runs = Map.groupBy(rows, ({ scene }) => feedOf(scene.key, inboxPrefix));
  const feeds = all.map(({ name, feed: found, state }): ShownFeed => {
    const feed = 'problem' in found ? null : found;
    const looked = feed?.status === 'follows' ? state : null;
    return {
      name,
      state,
      feed: feed && { ...feed, api: withoutSecrets(feed.api), area: feed.area && simplified(feed.area.coordinates) },
      problem: 'problem' in found ? found.problem : (looked?.error ?? null),
      next: looked && period !== null ? nextLook(looked, period, feed).toISOString() : null,
      runs: (runs.get(name) ?? []).slice(0, 3).map(runSummary),
    };
  });
  const failingFirst = feeds.toSorted((a, b) => Number(a.problem === null) - Number(b.problem === null));
  const add = commandFor(placeOf(parameters), 'feed add NAME --collection ID --area FILE');
  return { schedule: scheduleText(schedule, stage === LAPTOP), add, feeds: failingFirst };
}

function nextLook(state: FeedState, period: number, feed: Feed | null): Date {
  const listing = feed?.inventory ? nextListing(feed, state).getTime() : 0;
  return new Date(Math.max(Date.parse(state.at) + period, listing));
}

function simplified(area: AreaOfInterest) {
  const step = Math.ceil(area.flat(2).length / 200); // a small map shows no more
  const stepOf = (ring: readonly unknown[]) => Math.min(step, Math.max(1, Math.floor(ring.length / 4)));
  return { bbox: boxOfArea(area), rings: area.flat().map((ring) => ring.filter((_, i) => i % stepOf(ring) === 0)) };
}
