import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import type { SceneRef } from '../../core/base/messages.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { startFunction } from './functions.ts';
import { environmentOf } from './stack.ts';
import type { WorkerData } from './workerMessages.ts';
import { startWorkers } from './workers.ts';

/**
 * Real worker processes. A page of discover's serves as the call that takes as long as a test wants: it asks this process
 * for the files of the inbox, which answers when it likes.
 */

const page = { cursor: JSON.stringify({ phase: 'inbox', cursor: null }), execution: 'e' };
const nothing = { started: 0, settled: 0, next: 'more' };

const home = mkdtempSync(join(tmpdir(), 'swath-functions-'));
after(() => rmSync(home, { recursive: true }));
mkdirSync(join(home, 'none'));
writeFileSync(join(home, 'none', 'promoted.json'), JSON.stringify({ version: '1.0.0' }));

type Answer = { scenes: SceneRef[]; cursor: string };
let asked: PromiseWithResolvers<Answer>[] = [];
let onAsked = () => {};
const answers = {
  listScenes: () => {
    const answer = Promise.withResolvers<Answer>();
    asked.push(answer);
    onAsked();
    return answer.promise;
  },
  /** No batch is open. */
  table: async () => ({ status: 200, body: JSON.stringify({ Items: [] }) }),
};

const data: WorkerData = {
  environment: environmentOf({ ...readParameters(), modelName: 'none' }),
  folder: { inbox: home, once: home, results: home, models: home },
  time: { ahead: 0 },
};

const processes: ChildProcess[] = [];
subscribe('child_process', (message) => processes.push((message as { process: ChildProcess }).process));
/** Without those that guard them. */
const workers = () => processes.filter(({ spawnargs }) => spawnargs.some((one) => one.endsWith('/worker.ts')));

const lines: string[] = [];
const pool = startWorkers(data, answers, (line) => lines.push(line));
const ofOne = { seconds: 30, size: 1 }; // so few seconds that a call asks for one page
const start = (from = pool) => startFunction({ ...ofOne, name: 'discover' }, from);
const discover = start();
after(async () => {
  await discover.stop();
  await pool.stop();
});

describe('a function on a laptop', () => {
  beforeEach(() => {
    asked = [];
    lines.length = 0;
  });

  describe('a call', () => {
    test('is answered by a worker, which takes the next one too and logs a line for each', async () => {
      for (const calls of [1, 2]) {
        await isAnswered(calls);
        assert.equal(lines.length, calls, lines.join('\n'));
        assert.equal(JSON.parse(lines.at(-1) ?? '').event, 'discover.done');
      }
      assert.equal(workers().length, 1);
    });

    test('that fails does so by the name of its error, and the worker lives on', async () => {
      await assert.rejects(discover.invoke({ cursor: 1 }), { name: 'InvalidMessage', message: /cursor/ });
      await isAnswered(1);
    });

    test('waits for its turn where all workers are busy', async () => {
      const answers = [discover.invoke(page), discover.invoke(page)];
      await answerNext(1, () => assert.equal(asked.length, 1));
      await answerNext(2);
      assert.deepEqual((await Promise.all(answers)).map(toldBy), [nothing, nothing]);
    });

    test('that takes too long is a time-out; its worker gets no more work, and is ended', async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const late = discover.invoke(page);
      await questions(1);
      t.mock.timers.tick(299_999);
      t.mock.timers.tick(1);
      await assert.rejects(late, { name: 'States.Timeout', message: 'discover did not finish within 30 s.' });
      const lateWorker = workers().at(-1)!;
      const ended = once(lateWorker, 'exit');
      await isAnswered(2);
      assert.notEqual(workers().at(-1), lateWorker);
      assert.equal(lines.length, 1, 'the late one is at it still');
      t.mock.timers.tick(800);
      assert.deepEqual(await ended, [null, 'SIGKILL'], 'but not for long');
    });

    test('whose worker ends in the middle fails, and the next one has another worker', async () => {
      const cut = discover.invoke(page);
      await questions(1);
      workers().at(-1)?.kill('SIGKILL');
      const message = 'discover was ended by SIGKILL in the middle of a call.';
      await assert.rejects(cut, { name: 'Runtime.ExitError', message });
      await isAnswered(2);
    });

    test('is not given to a worker that ended while it was idle', async () => {
      const rested = workers().at(-1)!;
      const ended = once(rested, 'exit');
      rested.kill('SIGKILL');
      await ended;
      await isAnswered(1);
    });

    test('whose worker cannot even start fails', async () => {
      const { ['MODEL_NAME']: _, ...environment } = data.environment;
      const broken = start(startWorkers({ ...data, environment }, answers, assert.fail));
      for (const _call of [1, 2])
        await assert.rejects(broken.invoke(page), {
          name: 'Runtime.ExitError',
          message: /^discover died: .*MODEL_NAME/s,
        });
      await broken.stop();
    });
  });

  describe('a worker that is done with a call', () => {
    test('serves another function next', async () => {
      const own = startWorkers(data, answers, (line) => lines.push(line));
      const [pages, settle] = [start(own), startFunction({ ...ofOne, name: 'settle' }, own)];
      const before = workers().length;
      await isAnswered(1, pages);
      await assert.rejects(settle.invoke({}), { name: 'InvalidMessage' });
      assert.equal(workers().length, before + 1);
      await own.stop();
    });

    test('serves the function that it knows, where another is idle too', async (t) => {
      const before = workers().length;
      const own = startWorkers(data, answers, (line) => lines.push(line));
      const [pages, settle] = [start(own), startFunction({ ...ofOne, name: 'settle' }, own)];
      const going = pages.invoke(page);
      await questions(1);
      await assert.rejects(settle.invoke({}), { name: 'InvalidMessage' }); // by a second worker, as the first is busy
      const [ofPages, ofSettle] = workers().slice(-2);
      assert.equal(workers().length, before + 2);
      await answerNext(1);
      await going; // its worker is the last that came back
      const posted = t.mock.method(ofSettle!, 'send');
      const postedToOther = t.mock.method(ofPages!, 'send');
      await assert.rejects(settle.invoke({}), { name: 'InvalidMessage' });
      assert.deepEqual([posted.mock.callCount(), postedToOther.mock.callCount()], [1, 0]);
      await own.stop();
    });

    test('ends when all are stopped', async () => {
      const own = startWorkers(data, answers, () => {});
      await isAnswered(1, start(own));
      const ended = once(workers().at(-1)!, 'exit');
      await own.stop();
      await ended;
    });
  });

  describe('a stop', () => {
    test('waits for the call in progress, and refuses those that wait for a worker', async () => {
      const going = start();
      const first = going.invoke(page);
      await questions(1);
      const interrupted = {
        name: 'Interrupted',
        message: 'The stack was stopped while this was in progress. The next start continues it.',
      };
      const waiting = assert.rejects(going.invoke(page), interrupted);
      let isStopped = false;
      const stopped = going.stop().then(() => {
        isStopped = true;
      });
      await assert.rejects(going.invoke(page), interrupted);
      await waiting;
      assert.equal(isStopped, false);
      await answerNext(1);
      assert.deepEqual(toldBy(await first), nothing);
      await stopped;
      assert.equal(asked.length, 1);
    });

    test('cuts off a call that does not come to its end, which is interrupted', async () => {
      const going = start();
      const cut = going.invoke(page);
      await questions(1);
      const stopped = going.stop();
      await assert.rejects(cut, { name: 'Interrupted' });
      await stopped;
      assert.equal(workers().at(-1)?.signalCode, 'SIGKILL');
    });

    test('of what never started is over at once', async () => {
      await start().stop();
    });
  });

  test('a worker that has had nothing to do for a minute gives its memory back; the next call has a new one', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const few = startWorkers(data, answers, (line) => lines.push(line));
    const own = start(few);
    await isAnswered(1, own);
    const rested = workers().at(-1)!;
    const ended = once(rested, 'exit');
    t.mock.timers.tick(59_999);
    await isAnswered(2, own);
    assert.equal(workers().at(-1), rested, 'not yet');
    t.mock.timers.tick(60_000);
    await ended;
    await isAnswered(3, own);
    assert.notEqual(workers().at(-1), rested);
    await few.stop();
  });
});

/** What a page of discover's says of a sweep that finds nothing, and where its next one begins. */
function toldBy(answer: unknown) {
  const { started, settled, cursor } = answer as { started: number; settled: number; cursor: string };
  return { started, settled, next: JSON.parse(cursor).cursor };
}

/** Answers the `nth` question after a look at how things stand. */
async function answerNext(nth: number, look = () => {}): Promise<void> {
  await questions(nth);
  look();
  asked[nth - 1]?.resolve({ scenes: [], cursor: 'more' });
}

/** Has a function called, and its question answered, which is the `nth` of a test. */
async function isAnswered(nth: number, by = discover): Promise<void> {
  const answer = by.invoke(page);
  await answerNext(nth);
  assert.deepEqual(toldBy(await answer), nothing);
}

function questions(count: number): Promise<void> {
  return new Promise((resolve) => {
    onAsked = () => asked.length >= count && resolve();
    onAsked();
  });
}
