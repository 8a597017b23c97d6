import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../replay/sfc32.ts';
import { statlogRow } from '../benches/onlineStack.ts';
import { makeLives } from '../reliability/lives.ts';
import { jsonLines, startSwath, swath } from '../swath.ts';

const MODEL = 'landsat-statlog';
const PACKAGE = fileURLToPath(new URL(`../../models/${MODEL}/1.0.0`, import.meta.url));
const [REQUESTS, INPUTS] = [100, 100];
const KILLS = 10;
/** About how long requests are gathered before they are collected, and how long a batch of runs takes. */
const [WINDOW_MILLISECONDS, RUN_MILLISECONDS] = [2500, 400];
/** A life is ended after so long, whatever happened in it. */
const LIFE_MILLISECONDS = 60_000;
const DRAIN_MILLISECONDS = 600_000;
const AGAIN = /"infer.done".*"attempt":[2-9]/g;

/**
 * Has requests by queue predicted that name each of so many records once. One in five messages comes twice, and the process is killed
 * ten times meanwhile. Answers the files of results by their keys, and the ids.
 */
export async function predictedByFeatures(home: string, random: Random) {
  const data = join(home, 'data');
  const here = (...args: string[]) => swath([...args, '--data-dir', data], home);
  const succeeds = async (...args: string[]) => {
    const ended = await here(...args);
    assert.equal(ended.code, 0, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended;
  };

  cpSync(PACKAGE, join(home, 'package'), { recursive: true });
  const item = JSON.parse(readFileSync(join(PACKAGE, 'item.json'), 'utf8'));
  item.properties['swath:features'] = { group: 'fields' };
  writeFileSync(join(home, 'package/item.json'), JSON.stringify(item));
  await succeeds('model', 'publish', 'package', '--promote');

  const ids = Array.from({ length: REQUESTS * INPUTS }, (_, i) => `field-${i}`);
  const bands: { name: string }[] = item.properties.bands;
  const header = ['id', 'event_time', ...bands.map(({ name }) => name)];
  const rows = ids.map((id, i) => [id, '2026-05-03T00:00:00Z', ...statlogRow(40 + (i % 80))]);
  writeFileSync(join(home, 'fields.csv'), [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
  await succeeds('features', 'put', 'fields.csv', '--group', 'fields');

  const requests = Array.from({ length: REQUESTS }, (_, nth) => {
    const inputs = ids.slice(nth * INPUTS, (nth + 1) * INPUTS).map((id) => ({ features: { id } }));
    return JSON.stringify({ id: `request-${nth}`, model: MODEL, inputs });
  });
  const twice = requests.filter((_, nth) => nth % 5 === 0);
  const messages = [...requests, ...twice].map((body) => ({ body, at: random() })).sort((a, b) => a.at - b.at);
  const queue = join(data, 'queues/requests');
  mkdirSync(queue, { recursive: true });
  const send = (count: number) => {
    for (const { body } of messages.splice(0, count))
      writeFileSync(join(queue, `${randomUUID()}.json`), JSON.stringify({ body }));
  };

  const lives = makeLives(data, home);
  const log = join(data, 'swath.log');
  const logged = (what: RegExp) => (existsSync(log) ? (readFileSync(log, 'utf8').match(what)?.length ?? 0) : 0);
  /** Kills it while it collects requests, or soon after, while their runs are under way. */
  async function liveUntil(moment: 'up' | 'collected'): Promise<void> {
    const before = logged(/"collect.done"/g); // before it starts: on a busy machine, all may be over by the time that it says that it is up
    const running = startSwath(['start', '--empty', '--data-dir', data], home);
    await running.says(/Ctrl-C stops\.\n/);
    const end = Date.now() + LIFE_MILLISECONDS;
    while (moment === 'collected' && logged(/"collect.done"/g) === before && Date.now() < end) await pause(10);
    await pause(random() * (moment === 'up' ? WINDOW_MILLISECONDS : RUN_MILLISECONDS));
    running.kill('SIGKILL');
    await running.ended;
  }
  for (let kill = 0; kill < KILLS; kill += 1) {
    send(Math.ceil((REQUESTS + twice.length) / KILLS));
    await liveUntil(kill % 3 === 0 ? 'up' : 'collected');
    assert.deepEqual((await lives.lookAtRest()).errors, []);
  }
  await lives.live(async () => {
    const end = Date.now() + DRAIN_MILLISECONDS;
    for (let isOver = false; !isOver && Date.now() < end; ) {
      await succeeds('sweep');
      await pause(500);
      const runs = jsonLines<{ run: string; state: string }>(await succeeds('runs', '--json', '--limit', '100000'));
      for (const { run } of runs.filter(({ state }) => state === 'FAILED')) await here('retry', run);
      isOver = readdirSync(queue).length === 0 && runs.filter(({ state }) => state === 'DONE').length === REQUESTS;
    }
  });
  const results = join(data, 'results');
  const keys = readdirSync(join(results, 'predictions'), { recursive: true, encoding: 'utf8' });
  const files = keys.filter((key) => key.endsWith('.parquet')).map((key) => `predictions/${key}`);
  return {
    ids,
    files: new Map(files.map((key) => [key, new Uint8Array(readFileSync(join(results, key)))])),
    said: `${requests.length} requests, ${twice.length} of them twice, ${KILLS} kills, after which ${logged(AGAIN)} batches were done again`,
  };
}
