import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { feedsIn, UNENDED } from '../../core/feeds/feed.ts';
import { folderBucket } from '../../local/buckets/folderBucket.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { filesIn } from '../reliability/audit.ts';
import { jsonLines, startSwath, temporaryFolder } from '../swath.ts';
import { swathHere } from '../swathHere.ts';
import { serveAssets } from './assets.ts';
import { AREA, COLLECTION, makeItems } from './catalogue.ts';
import type { Deaths } from './fromBelow.ts';
import { judge, listItems, type There } from './judge.ts';
import { reasonToSkip, startStacApi } from './stacApi.ts';

/**
 * `npm run test:stac-api`: from an area to maps. A real STAC API, stac-fastapi on pgstac, is followed by `swath start`, which dies again and
 * again in the middle of its looks and of its functions, while Items appear, late ones, too, some are revised, and the API goes down and
 * comes back. Its own list is the judge. SWATH_STAC_API_SEED draws all of it anew.
 */

const reason = reasonToSkip();
const skip = reason !== false && `no feed has followed a real STAC API, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

const SEED = Number(process.env['SWATH_STAC_API_SEED'] ?? 1);
const SCL = fileURLToPath(new URL('../../models/s2-scl/1.0.0', import.meta.url));
const BELOW = new URL('fromBelow.ts', import.meta.url).href;
const [LIVES, ITEMS_A_LIFE, REVISED_A_LIFE, MOST_CLOUD] = [6, 6, 3, 40];
const SINCE = new Date(Date.now() - 25 * 86_400_000);
const LIFE_MILLISECONDS = 4000;
const UP = /Ctrl-C stops\.\n/;
const END_MILLISECONDS = 240_000;
const RUNNING = ['CLAIMED', 'PREPARED', 'PREDICTED'];

type Run = There['runs'][number];

describe(`a feed that follows a real STAC API (seed ${SEED})`, { skip, timeout: 30 * 60_000 }, () => {
  const random = sfc32(SEED, 5, 2);
  const cwd = temporaryFolder();
  const data = join(cwd, '.swath');
  const log = join(cwd, 'deaths');
  let api: Awaited<ReturnType<typeof startStacApi>>;
  let assets: Awaited<ReturnType<typeof serveAssets>>;
  let make: ReturnType<typeof makeItems>;
  const items: ReturnType<typeof make.item>[] = [];
  const feeds = feedsIn(folderBucket(join(data, 'models')));

  async function swath(...args: string[]) {
    const ended = await swathHere(args, cwd);
    assert.equal(ended.code, 0, `swath ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended;
  }

  async function appear(days: 'usual' | 'late'): Promise<void> {
    const item = make.item(days);
    items.push(item);
    await api.send('POST', `/collections/${COLLECTION}/items`, item);
  }

  async function revise(): Promise<void> {
    const at = Math.floor(random() * items.length);
    items[at] = make.revised(items[at]!);
    await api.send('PUT', `/collections/${COLLECTION}/items/${items[at].id}`, items[at]);
  }

  /** Starts the stack, which looks at its feeds at once. */
  function start(deaths: Omit<Deaths, 'seed' | 'log'>) {
    const told = JSON.stringify({ seed: SEED, log, ...deaths } satisfies Deaths);
    return startSwath(['start', '--empty'], cwd, {
      NODE_OPTIONS: `--import=${BELOW}`,
      NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem'),
      SWATH_STAC_API_DEATHS: told,
    });
  }

  const died = (what: 'look' | 'function') =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line === what).length
      : 0;

  const runs = async () => jsonLines<Run>(await swath('runs', '--json', '--limit', '10000'));

  /** Without what a look that died was writing aside. */
  const inboxKeys = async () => (await filesIn(join(data, 'inbox'))).filter((key) => key.endsWith('.stac.json'));

  before(async () => {
    const began = performance.now();
    const tell = (what: string) => console.log(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
    assets = await serveAssets(sfc32(SEED, 5, 3));
    make = makeItems(assets.address, random);
    writeFileSync(join(cwd, 'ca.pem'), assets.cert);
    writeFileSync(join(cwd, 'area.geojson'), JSON.stringify(AREA));
    api = await startStacApi();
    tell('The API is up');
    await api.send('POST', '/collections', {
      type: 'Collection',
      id: COLLECTION,
      stac_version: '1.0.0',
      description: 'A test',
      license: 'other',
      extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [[null, null]] } },
      links: [],
    });
    for (let i = 0; i < ITEMS_A_LIFE; i += 1) await appear(i % 2 === 0 ? 'usual' : 'late');
    await swath('model', 'publish', SCL);
    await swath('model', 'promote', 's2-scl/1.0.0');
    const about = [
      '--collection',
      COLLECTION,
      '--api',
      api.url,
      '--area',
      'area.geojson',
      '--since',
      SINCE.toISOString(),
    ];
    await swath('feed', 'add', 'north', ...about, '--max-cloud', String(MOST_CLOUD));
    tell('The feed is added');
  });
  after(async () => {
    assets?.close();
    await api?.stop();
  });

  test('is looked at by a stack that dies at any moment, while Items appear late and are revised', async () => {
    for (let life = 1; life <= LIVES; life += 1) {
      for (let i = 0; i < ITEMS_A_LIFE; i += 1) await appear(random() < 0.7 ? 'usual' : 'late');
      for (let i = 0; i < REVISED_A_LIFE; i += 1) await revise();
      const before = await feeds.state('north');
      const isLookOver = async () => {
        const { at, error } = (await feeds.state('north'))!;
        return at !== before?.at && error !== UNENDED;
      };
      const running = start({ life, look: life % 2 === 1 ? 0.8 : 0, functions: 0.04 });
      let isAlive = true;
      const end = running.ended.then(() => {
        isAlive = false;
      });
      // Not by the clock alone: on a busy machine nothing may have happened yet.
      while (isAlive && !(await isLookOver())) await pause(50);
      if (life === LIVES) while (isAlive && died('function') === 0) await pause(50);
      await Promise.race([pause(random() * LIFE_MILLISECONDS), end]);
      running.kill('SIGKILL');
      assert.equal((await running.ended).signal, 'SIGKILL', running.output.stderr);
    }
    console.log(`Looks that died: ${died('look')}; functions: ${died('function')}.`);
  });

  test('says that the API cannot be reached while it is down', async () => {
    await api.stopApi();
    const running = start({ life: LIVES + 1, look: 0, functions: 0 });
    const isDown = async () => /cannot be reached/.test((await feeds.state('north'))?.error ?? '');
    for (const end = Date.now() + END_MILLISECONDS; !(await isDown()) && Date.now() < end; ) await pause(200);
    assert.ok(await isDown(), JSON.stringify(await feeds.state('north')));
    await api.startApi();
    running.kill('SIGKILL');
    await running.ended;
  });

  test('has one run that is DONE and one map for each Item of the area that the API lists, and none twice', async () => {
    // The next day: its first look reaches back to what has appeared late.
    const state = (await feeds.state('north'))!;
    await feeds.putState('north', { ...state, day: dayOf(new Date(Date.now() - DAY_MILLISECONDS)) });
    const running = start({ life: LIVES + 2, look: 0, functions: 0 });
    await running.says(UP);
    const isOpen = ({ state }: Run) => RUNNING.includes(state);
    const end = Date.now() + END_MILLISECONDS;
    for (let retried = 0; Date.now() < end; ) {
      await swath('sweep');
      await pause(500);
      const [all, inbox, looked] = await Promise.all([runs(), inboxKeys(), feeds.state('north')]);
      if (looked?.at === state.at || looked?.error !== null || all.some(isOpen) || all.length < inbox.length) continue;
      // Attempts that kills have used up are given anew by a person.
      const failed = all.filter((run) => run.state === 'FAILED');
      if (failed.length === 0) break;
      for (const { run } of failed) await swath('retry', run);
      retried += failed.length;
      console.log(`${retried} runs had used up their attempts.`);
    }
    const all = await runs();
    running.kill('SIGTERM');
    assert.equal((await running.ended).code, 0, running.output.stderr);
    const inbox = (await inboxKeys()).map((key) => ({
      key,
      item: JSON.parse(readFileSync(join(data, 'inbox', key), 'utf8')),
    }));
    const there: There = { inbox, runs: all, results: await filesIn(join(data, 'results')) };
    const every = await listItems(api.url, COLLECTION, AREA, SINCE);
    const wanted = every.filter(({ properties }) => (properties['eo:cloud_cover'] ?? 0) <= MOST_CLOUD);
    console.log(
      `${items.length} Items, ${every.length} of them in the area, ${wanted.length} not too cloudy; ${inbox.length} revisions taken; ${JSON.stringify(assets.counts)}`,
    );
    assert.deepEqual(judge(wanted, there), []);
    assert.ok(wanted.length > LIVES && wanted.length < items.length && inbox.length > wanted.length);
    // Whoever judges sees what is amiss.
    const [first] = wanted;
    const file = inbox.find(({ item }) => item.id === first!.id)!;
    const amiss: [There, RegExp][] = [
      [{ ...there, inbox: inbox.filter((one) => one !== file) }, /files in the inbox/],
      [{ ...there, inbox: [...inbox, { ...file, key: 'again' }] }, /was taken twice/],
      [{ ...there, runs: all.filter((run) => run.file !== file.key) }, /has 0 runs/],
      [{ ...there, results: [] }, /has 0 maps/],
    ];
    for (const [one, says] of amiss) assert.match(judge(wanted, one).join('\n'), says);
  });
});
