import { feedsIn, hostOf } from '../../core/feeds/feed.ts';
import { LAPTOP } from '../../observability/alarms.ts';
import { type Check, fine, notice, type WithService } from './check.ts';

/** Says which feeds are followed, and which of them cannot be looked at; that is no fault of the installation. */
export const feeds: Check<WithService<'modelBucket' | 'parameters' | 'stage'>> = {
  id: 'feeds',
  needs: ['buckets'],
  look: async ({ service }) => {
    const { modelBucket, parameters, stage } = await service();
    const followed: string[] = [];
    const failing: string[] = [];
    for (const { name, feed, state } of await feedsIn(modelBucket).all()) {
      if ('problem' in feed) failing.push(feed.problem);
      else if (feed.status === 'follows') {
        followed.push(`${name} of ${hostOf(feed.api)}`);
        if (state?.error) failing.push(`${name}: ${state.error}`);
      }
    }
    if (failing.length > 0) return notice(failing.join('; '), 'See "swath feed list".');
    if (followed.length > 0 && stage !== LAPTOP && parameters.feedSchedule === '')
      return notice(`${followed.join(', ')}, and the stage looks at none`, 'Deploy it with feedSchedule.');
    return fine(followed.join(', ') || 'no feed is followed');
  },
};
