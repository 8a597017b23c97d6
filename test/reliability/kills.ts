import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test as nodeTest } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { sfc32 } from '../../replay/sfc32.ts';
import { type Prediction, readPredictions } from '../predictions.ts';
import { optionsOf } from '../searchOptions.ts';
import { jsonLines, swath } from '../swath.ts';
import { audit } from './audit.ts';
import { judgeToday } from './judgeToday.ts';
import { contentsOf, makeWriter, planLoad } from './killLoad.ts';
import { type Moment, makeLives, RUNNING } from './lives.ts';
import { readTablesAtRest } from './tablesAtRest.ts';

const HELP = `npm run test:kills -- [--times 20] [--seed N] [--keep]

Runs "swath start --empty" as the process that it is, and ends it with kill -9 at random moments, while files are dropped
into its inbox, written over and sent. After each kill, what can be read has to be whole; after the last one, each file
has to come to its one end, counted once, with the predictions that "swath classify" makes of it where nobody kills it.

  --times N   how often it is killed (20)
  --seed N    what the files and the moments are drawn with (the time); it is printed
  --keep      keep the data folder even if all is well

Exit code: 0 when nothing was lost, 1 when something was, 2 on wrong use. The data folder is kept then.`;

/** A life is ended so long after a moment of it: half of them after its first step, the others after it is up or begins. */
const LIFE_MILLISECONDS = { least: 0, most: 2500 };
const MOMENTS_DRAWN: Moment[] = ['its first step', 'its first step', 'up', 'its start'];
const ACTIONS_PER_LIFE = 7;
/** What a life takes until the next one, about: for so long the writer has to have something to do. */
const LIFE_ALTOGETHER_MILLISECONDS = 3500;
/** How long everything may take to come to an end after the last kill. */
const DRAIN_MILLISECONDS = 180_000;

const { times, seed, keep } = optionsOf(
  'test:kills',
  HELP,
  { times: { otherwise: 20, least: 1 }, seed: { otherwise: Date.now() % 1_000_000, least: 0 } },
  ['keep'],
);
const random = sfc32(seed, 20, 9);
const home = mkdtempSync(join(tmpdir(), 'swath-kills-'));
const data = join(home, 'data');
mkdirSync(join(data, 'inbox'), { recursive: true });

const actions = planLoad(ACTIONS_PER_LIFE * times, random);
const contents = contentsOf(actions);
const writer = makeWriter(data, home);
const lives = makeLives(data, home);
const expected = new Map<string, Prediction[]>();
let isWell = true;

const test = (name: string, work: () => Promise<void>) =>
  nodeTest(name, async () => {
    try {
      await work();
    } catch (error) {
      isWell = false;
      throw error;
    }
  });

after(() => {
  if (isWell && !keep) rmSync(home, { recursive: true });
  else
    console.log(`The data folder is kept: ${data}\nOnce more: npm run test:kills -- --times ${times} --seed ${seed}`);
});

test('the same files in another folder, without kills', async () => {
  console.log(`seed ${seed}: ${actions.length} times something is put in, ${contents.size} contents, ${times} kills`);
  await classifyElsewhere();
});

test(`killed ${times} times: each time, what can be read is whole, and no run has gone backward`, async () => {
  const total = { hit: Object.fromEntries(RUNNING.map((state) => [state, 0])), kills: { ...none }, mostLeft: 0 };
  const stopped = new AbortController();
  const writing = writer.write(actions, LIFE_ALTOGETHER_MILLISECONDS / ACTIONS_PER_LIFE, random, stopped.signal);
  const killing = async () => {
    for (let kill = 1; kill <= times; kill += 1) {
      const milliseconds = LIFE_MILLISECONDS.least + random() * (LIFE_MILLISECONDS.most - LIFE_MILLISECONDS.least);
      const from = MOMENTS_DRAWN[Math.floor(random() * MOMENTS_DRAWN.length)]!;
      const { wasUp } = await lives.liveFor(milliseconds, from);
      const { hit, settled, leftovers, errors } = await writer.whileNothingIsSent(lives.lookAtRest);
      assert.deepEqual(errors, []);
      for (const state of RUNNING) total.hit[state]! += hit[state]!;
      const place = RUNNING.some((state) => hit[state]! > 0) ? 'atWork' : wasUp ? 'idle' : 'comingUp';
      total.kills[place] += 1;
      total.mostLeft = Math.max(total.mostLeft, leftovers.length);
      const runs = RUNNING.map((state) => `${hit[state]} ${state}`).join(', ');
      console.log(
        `kill ${String(kill).padStart(2)} after ${(milliseconds / 1000).toFixed(1)} s from ${from}${wasUp ? '' : ', coming up'}: ${runs}; ${settled} at an end; ${leftovers.length} files half written aside`,
      );
    }
  };
  // Whatever fails, nothing is written any more while the other tests look.
  const killed = killing().catch((error: unknown) => {
    stopped.abort();
    throw error;
  });
  for (const one of await Promise.allSettled([killed, writing])) if (one.status === 'rejected') throw one.reason;
  const { atWork, idle, comingUp } = total.kills;
  console.log(
    `kills that hit runs: ${atWork}; that hit none: ${idle}; while it was coming up, before any: ${comingUp}`,
  );
  console.log(`runs that were hit: ${RUNNING.map((state) => `${total.hit[state]} ${state}`).join(', ')}`);
  console.log(`most files half written aside at once: ${total.mostLeft}; ${JSON.stringify(writer.counts)}`);
  console.log(`a start found the folder taken by a "swath send" ${lives.refusals()} times`);
});

const none = { atWork: 0, idle: 0, comingUp: 0 };

test('after the last start everything ends by itself', async () => {
  await lives.live(async () => {
    await writer.sendRest();
    const end = Date.now() + DRAIN_MILLISECONDS;
    let open: string[];
    do {
      const { code, stdout, stderr } = await swath(['sweep', '--data-dir', data], home);
      assert.equal(code, 0, `the sweep failed: ${stdout}${stderr}`);
      await pause(500);
      open = await notAtAnEnd();
    } while (open.length > 0 && Date.now() < end);
    assert.deepEqual(open, [], 'not at an end');
  });
});

test('a run that was killed until its attempts were used up ends when a person retries it', async () => {
  await lives.live(async () => {
    const failed = (await runs()).filter(({ state, version }) => state === 'FAILED' && !isFormer(version));
    for (const { run } of failed) {
      const { code, stdout, stderr } = await swath(['retry', run, '--data-dir', data], home);
      assert.ok(code === 0 || /INVALID/.test(stdout), `${stdout}${stderr}`);
    }
    console.log(`${failed.length} of ${writer.puts.length} files had used up their attempts`);
  });
});

test('each file has one end, each content is counted once, the days add up, the inbox is unchanged', async () => {
  await judgeToday(data);
  const { errors, ...figures } = await audit({
    inbox: join(data, 'inbox'),
    results: join(data, 'results'),
    tables: await readTablesAtRest(join(data, 'tables')),
    puts: writer.puts,
    expected: (sha256) => expected.get(sha256) ?? null,
  });
  console.log(JSON.stringify({ files: writer.puts.length, ...figures }));
  assert.deepEqual(errors, []);
});

test('nothing is left of what killed processes were writing aside', async () => {
  assert.deepEqual(await lives.leftovers(), []);
});

/** Classifies every content in a folder of its own, and keeps what came of it. */
async function classifyElsewhere(): Promise<void> {
  const elsewhere = join(home, 'elsewhere');
  mkdirSync(elsewhere);
  for (const { sha256, bytes } of contents.values()) writeFileSync(join(elsewhere, sha256), bytes);
  const args = ['classify', ...contents.keys(), '--json', '--data-dir', 'data'];
  const ended = await swath(args, elsewhere);
  for (const { file, state, predictions } of jsonLines<Line>(ended)) {
    const wanted = { chips: 'DONE', blank: 'EMPTY', invalid: 'INVALID' }[contents.get(file)!.kind];
    assert.equal(state, wanted, `${file}: ${ended.stderr}`);
    const parts = await Promise.all(predictions.map(async (path) => readPredictions(await readFile(path))));
    expected.set(
      file,
      parts.flatMap(({ rows }) => rows),
    );
  }
  assert.equal(expected.size, contents.size, ended.stderr);
  rmSync(elsewhere, { recursive: true });
}

type Line = { file: string; run: string; state: string; predictions: string[] };

async function runs() {
  const ended = await swath(['runs', '--json', '--limit', '100000', '--data-dir', data], home);
  assert.equal(ended.code, 0, ended.stderr);
  return jsonLines<Line & { version: string; attempt: number; attemptLimit: number }>(ended);
}

/** Files of which no run is at an end yet, or one that the sweep will still try again. */
async function notAtAnEnd(): Promise<string[]> {
  const all = await runs();
  const open = all.filter(
    ({ state, attempt, attemptLimit }) => RUNNING.includes(state) || (state === 'FAILED' && attempt < attemptLimit),
  );
  const known = new Set(all.map(({ file, version }) => `${file}#${version}`));
  const unknown = writer.puts.filter(({ key, sha256, isFormer }) => !isFormer && !known.has(`${key}#${sha256}`));
  return [...open.map(({ file, state }) => `${file} is ${state}`), ...unknown.map(({ key }) => `${key} has no run`)];
}

/** Whether a content was written over, so that it may have been gone before it could be read. */
function isFormer(sha256: string): boolean {
  return writer.puts.some((put) => put.sha256 === sha256 && put.isFormer === true);
}
