import { withoutSecrets } from '../../core/base/text/withoutSecrets.ts';
import { feedsIn } from '../../core/feeds/feed.ts';
import { feedOf } from '../../core/feeds/feedKeys.ts';
import { LAPTOP_SCHEDULE, periodOf, scheduleText } from '../../core/feeds/schedule.ts';
import { type AreaOfInterest, boxOfArea } from '../../core/package/areaOfInterest.ts';
import { LAPTOP } from '../../observability/alarms.ts';
import type { Feeds, ShownFeed } from '../api.ts';
import type { NewestRuns } from '../newestRuns.ts';
import type { Service } from '../service.ts';
import { runSummary } from './runSummary.ts';

/** Each feed with its last look and its newest runs; those that somebody has to see to come first. */
export async function feedsOf(service: Service, newestRuns: Pick<NewestRuns, 'read'>): Promise<Feeds> {
  const { stage, parameters, modelBucket, inboxPrefix } = service;
  const [all, { rows }] = await Promise.all([feedsIn(modelBucket).all(), newestRuns.read()]);
  const schedule = stage === LAPTOP ? LAPTOP_SCHEDULE : parameters.feedSchedule;
  const period = periodOf(schedule);
  const runs = Map.groupBy(rows, ({ scene }) => feedOf(scene.key, inboxPrefix));
  const feeds = all.map(({ name, feed: found, state }): ShownFeed => {
    const feed = 'problem' in found ? null : found;
    const looked = feed?.status === 'follows' ? state : null;
    const wait = Math.max(period ?? 0, looked?.count ? 3_600_000 * (feed?.inventory?.every ?? 0) : 0);
    return {
      name,
      state,
      feed: feed && { ...feed, api: withoutSecrets(feed.api), area: feed.area && simplified(feed.area.coordinates) },
      problem: 'problem' in found ? found.problem : (looked?.error ?? null),
      next: looked && period !== null ? new Date(Date.parse(looked.at) + wait).toISOString() : null,
      runs: (runs.get(name) ?? []).slice(0, 3).map(runSummary),
    };
  });
  const failingFirst = feeds.toSorted((a, b) => Number(a.problem === null) - Number(b.problem === null));
  return { schedule: scheduleText(schedule, stage === LAPTOP), feeds: failingFirst };
}

function simplified(area: AreaOfInterest) {
  const step = Math.ceil(area.flat(2).length / 200); // a small map shows no more
  return { bbox: boxOfArea(area), rings: area.flat().map((ring) => ring.filter((_, i) => i % step === 0)) };
}
