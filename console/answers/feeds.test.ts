import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Feed, type FeedState, feedsIn, UNENDED } from '../../core/feeds/feed.ts';
import { startTestConsole } from '../../test/benches/console.ts';
import { startTestService } from '../../test/benches/service.ts';
import type { Feeds } from '../api.ts';
import { makeNewestRuns } from '../newestRuns.ts';
import { feedsOf } from './feeds.ts';

const AT = '2026-03-16T08:50:00.000Z';
const swath = await startTestConsole(await startTestService());
const { service } = swath;
const { put, putState } = feedsIn(service.modelBucket);
const [west, south] = [170, 0];
const ring = Array.from({ length: 1000 }, (_, i) => [west + i / 50, south + (i % 7)] as const);
const FEED: Feed = {
  ...{ name: 'north', api: 'https://me:secret@stac.example.org/v1', collection: 'sentinel-2-l2a', hosts: [] },
  ...{ maxCloud: 40, since: '2026-03-01T00:00:00.000Z', status: 'follows' as const },
  area: { type: 'MultiPolygon', coordinates: [[[...ring, ring[0]!]]] },
};
const STATE: FeedState = { at: AT, error: null, failures: 0, day: '2026-03-16', count: null };
const shown = (schedule: string, stage = 'prod') =>
  feedsOf(
    { ...service, stage, parameters: { ...service.parameters, feedSchedule: schedule } },
    makeNewestRuns(service.ledger),
  );
const one = async (name: string) => (await shown('rate(1 hour)')).feeds.find((feed) => feed.name === name)!;

describe('the feeds on the console', () => {
  test('are none where there is none, and the answer says that nothing looks', async () => {
    const { schedule, add, feeds } = await swath.get<Feeds>('/api/feeds');
    assert.deepEqual(feeds, []);
    assert.match(add, /^npx swath feed add NAME --collection ID --area FILE/);
    assert.match(schedule, /^Nothing looks at feeds yet: deploy the stage with --param="feedSchedule=/);
  });

  test('have the area in few positions, no secret, and the newest runs of their own Items', async () => {
    await put(FEED);
    await putState('north', STATE);
    for (const key of ['1', '2', '3', '4']) await swath.claim(`feeds/north/2026-03-15/${key}.a.stac.json`);
    await swath.claim('feeds/northern/2026-03-15/1.a.stac.json');
    const { feed, runs } = await one('north');
    assert.deepEqual(
      runs.map(({ file }) => file.slice(-13, -12)),
      ['4', '3', '2'],
    );
    assert.equal(feed?.api, 'https://(hidden)@stac.example.org/v1');
    assert.deepEqual(
      [feed?.area?.bbox[0], feed?.area?.bbox[2].toFixed(2)],
      [170, '-170.02'],
      'across the antimeridian',
    );
    assert.ok(feed!.area!.rings[0]!.length <= 200);
  });

  for (const [schedule, stage, next] of [
    ['rate(1 hour)', 'prod', '2026-03-16T09:50:00.000Z'],
    ['', 'local', '2026-03-16T09:05:00.000Z'],
    ['cron(0 6 * * ? *)', 'prod', null],
    ['', 'prod', null],
  ] as const)
    test(`are looked at next by the schedule “${schedule}” of ${stage}`, async () => {
      assert.equal((await shown(schedule, stage)).feeds[0]?.next, next);
    });

  test('that list a bucket are looked at next when a listing is due, or with the next look after one that failed', async () => {
    const count = { seen: 1, taken: 1, known: 0, leftOut: 0, refused: 0 };
    await put({ ...FEED, name: 'archive', inventory: { bands: ['B'], time: '%Y%m%d', every: 24 } });
    for (const [more, next] of [
      [{ count }, '2026-03-17T08:40:00.000Z'],
      [{ error: 'archive cannot be listed.', failures: 1 }, '2026-03-16T09:50:00.000Z'],
    ] as const) {
      await putState('archive', { ...STATE, ...more });
      assert.equal((await one('archive')).next, next);
    }
    await put({ ...FEED, name: 'archive', status: 'removed' });
  });

  test('that fail or cannot be read come first and say why; a look that is under way is no failure', async () => {
    swath.models.set('_feeds/spoilt/feed.json', Buffer.from('{"api": 5}'));
    for (const [name, more, state] of [
      ['failing', {}, { error: 'stac.example.org answers 503, 4 times.', failures: 2 }],
      ['asked', {}, { at: new Date().toISOString(), error: UNENDED, failures: 1 }],
      ['killed', {}, { error: UNENDED, failures: 1 }],
      ['paused', { status: 'paused', why: 'no live model takes them.' }, { error: 'It was.', failures: 1 }],
      ['removed', { status: 'removed' }, {}],
    ] as const) {
      await put({ ...FEED, ...more, name });
      await putState(name, { ...STATE, ...state });
    }
    swath.models.set('_feeds/north/state.json', Buffer.from('spoilt'));
    const { feeds } = await shown('rate(1 hour)');
    const told = feeds.map(
      ({ name, problem }) => `${name} ${problem === null ? 'well' : problem.replace(/found.*/, '')}`,
    );
    assert.deepEqual(told, [
      'failing stac.example.org answers 503, 4 times.',
      'killed The look did not end.',
      'spoilt _feeds/spoilt/feed.json: ',
      ...['asked well', 'north well', 'paused well'],
    ]);
    assert.deepEqual([(await one('paused')).next, (await one('north')).next], [null, null]);
  });
});
