import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { makeEvents } from './events.ts';
import type { Kind } from './signs.ts';

/** Told on a clock that the tests turn. */

const LOOK = 1000;

function start(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const now: Record<Kind, string | Error> = { runs: 'a', metrics: 'a', alarms: 'a' };
  const looks = { count: 0 };
  const errors: unknown[] = [];
  const sign = (kind: Kind) => async () => {
    looks.count += 1;
    const value = now[kind];
    if (value instanceof Error) throw value;
    return value;
  };
  const signs = { runs: sign('runs'), metrics: sign('metrics'), alarms: sign('alarms') };
  const events = makeEvents({ signs, lookMilliseconds: LOOK, onError: (error) => errors.push(error) });
  const tick = async (milliseconds: number) => {
    context.mock.timers.tick(milliseconds);
    await settled();
  };
  return { now, looks, errors, events, tick };
}

/** A browser's end of an answer: what it was told since it was last asked. */
async function join(events: ReturnType<typeof start>['events']) {
  const stream = new PassThrough();
  events.join(Object.assign(stream, { writeHead: () => {} }) as unknown as ServerResponse);
  await settled();
  return {
    told: () => {
      const text = String(stream.read() ?? '');
      return [...text.matchAll(/^event: changed\ndata: (.*)\n\n/gm)].map(
        ([, data]) => JSON.parse(data!).what as Kind[],
      );
    },
    heard: () => String(stream.read() ?? ''),
    leave: async () => {
      stream.destroy();
      await settled();
    },
  };
}

/** Lets everything happen that waits for nothing but its turn. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const EVERYTHING = [['runs', 'metrics', 'alarms']];

describe('a listener', () => {
  test('gets everything first, then each change once', async (context) => {
    const { now, events, tick } = start(context);
    const page = await join(events);
    assert.deepEqual(page.told(), EVERYTHING);
    await tick(LOOK);
    assert.deepEqual(page.told(), []);
    now.runs = 'b';
    now.alarms = 'b';
    await tick(LOOK);
    await tick(LOOK);
    assert.deepEqual(page.told(), [['runs', 'alarms']]);
  });

  test('that joins later gets everything as well, and the others get nothing again', async (context) => {
    const { events } = start(context);
    const first = await join(events);
    first.told();
    const second = await join(events);
    assert.deepEqual([first.told(), second.told()], [[], EVERYTHING]);
  });

  test('gets a change at once', async (context) => {
    const { now, events } = start(context);
    const page = await join(events);
    page.told();
    now.runs = 'b';
    await events.look();
    assert.deepEqual(page.told(), [['runs']]);
  });

  test('hears a heartbeat where nothing is new', async (context) => {
    const { events, tick } = start(context);
    const page = await join(events);
    page.told();
    await tick(15_000);
    assert.equal(page.heard(), ': still here\n\n');
  });

  test('hears of the rest while one thing cannot be looked at, and of that one when it can', async (context) => {
    const { now, events, errors, tick } = start(context);
    now.alarms = new Error('no permission');
    const page = await join(events);
    assert.deepEqual(page.told(), [['runs', 'metrics']]);
    now.metrics = 'b';
    await tick(LOOK);
    assert.deepEqual(page.told(), [['metrics']]);
    now.alarms = 'a';
    await tick(LOOK);
    assert.deepEqual(page.told(), [['alarms']]);
    assert.deepEqual(errors.map(String), ['Error: no permission', 'Error: no permission']);
  });
});

describe('nothing is read', () => {
  test('without a listener', async (context) => {
    const { looks, events, tick } = start(context);
    await tick(LOOK);
    assert.equal(looks.count, 0);
    const page = await join(events);
    await page.leave();
    const before = looks.count;
    await tick(10 * LOOK);
    assert.equal(looks.count, before);
  });

  test('twice as often when one listener goes and the next one comes', async (context) => {
    const { looks, events, tick } = start(context);
    for (const _ of [1, 2, 3]) await (await join(events)).leave();
    await join(events);
    const before = looks.count;
    await tick(LOOK);
    assert.equal(looks.count - before, 3, 'once at each kind');
  });
});
