import { type Check, fine, type WithService } from './check.ts';

/** A bucket, by what it is for. */
export type Bucket = 'inbox' | 'results' | 'models';
const BUCKETS: Bucket[] = ['inbox', 'results', 'models'];

/** Throws where a bucket cannot be reached; answers what it is called. */
export type ReachBucket = (bucket: Bucket) => Promise<string>;

export const buckets: Check<{ reachBucket: ReachBucket }> = {
  id: 'buckets',
  title: 'buckets',
  needs: ['stack'],
  look: async ({ reachBucket }) => {
    const names: string[] = [];
    for (const bucket of BUCKETS) names.push(await reachBucket(bucket));
    return fine(names.join(', '));
  },
};

export const tables: Check<WithService<'ledger' | 'metrics' | 'parameters' | 'now'>> = {
  id: 'tables',
  title: 'tables',
  needs: ['stack'],
  look: async ({ service }) => {
    const { ledger, metrics, parameters, now } = await service();
    const { rows } = await ledger.byState('DONE', { limit: 1 });
    // Of whatever version: it is asked whether the table answers.
    await metrics.latestDay({ name: parameters.modelName, version: '-' }, now().toISOString().slice(0, 10));
    const newest = rows[0] === undefined ? 'no run is DONE yet' : `the newest DONE run is of ${rows[0].changed}`;
    return fine(`the ledger and the metrics answer; ${newest}`);
  },
};
