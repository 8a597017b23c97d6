import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { type CollectInput, type CollectResult, keyOfEvent } from '../../core/base/messages.ts';
import { eventsIn } from '../../core/doors/notifications/notification.ts';
import { startArrivalsQueue } from './arrivalsQueue.ts';

const sceneOf = (key: string) => ({ bucket: 'inbox', key, versionId: 'v1' });
const keysOf = ({ Records }: CollectInput) =>
  Records.flatMap(({ body }) => eventsIn(JSON.parse(body)).map((event) => keyOfEvent(event)!));

/** Of each call, which messages are to come again, by their keys; an error fails the call. */
function makeBench(answer: (keys: string[], nth: number) => string[] | Error = () => []) {
  const calls: string[][] = [];
  const errors: string[] = [];
  const collect = async (input: CollectInput): Promise<CollectResult> => {
    const keys = keysOf(input);
    calls.push(keys);
    const again = answer(keys, calls.length);
    if (again instanceof Error) throw again;
    const ids = again.map((key) => input.Records[keys.indexOf(key)]!.messageId);
    return { batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) };
  };
  const onError = (key: string, { message }: Error) => void errors.push(`${key}: ${message}`);
  const queue = startArrivalsQueue({ windowSeconds: 60, collect, onError, againMilliseconds: 1000 });
  const wait = async (milliseconds: number) => {
    mock.timers.tick(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, calls, errors, wait };
}

describe('the queue of arrivals on a laptop', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  test('hands on together what came within the window from the first of it', async () => {
    const { queue, calls, wait } = makeBench();
    queue.send(sceneOf('a'));
    await wait(59_999);
    queue.send(sceneOf('b'));
    assert.deepEqual([calls, queue.size()], [[], 2]);
    await wait(1);
    queue.send(sceneOf('c'));
    assert.deepEqual([calls, queue.size()], [[['a', 'b']], 1]);
    await wait(60_000);
    assert.deepEqual([calls, queue.size()], [[['a', 'b'], ['c']], 0]);
  });

  test('hands on 500 at once', async () => {
    const { queue, calls, wait } = makeBench();
    for (let i = 0; i < 501; i += 1) queue.send(sceneOf(`n${i}`));
    await wait(0);
    assert.deepEqual([calls.length, calls[0]?.length, queue.size()], [1, 500, 1]);
    await wait(60_000);
    assert.deepEqual(calls[1], ['n500']);
  });

  test('hands out refused messages again, and no others', async () => {
    const { queue, calls, wait } = makeBench((keys, nth) => (nth === 1 ? keys.slice(1) : []));
    for (const key of ['a', 'b']) queue.send(sceneOf(key));
    await wait(60_000);
    assert.equal(queue.size(), 1);
    await wait(1000);
    await wait(60_000);
    assert.deepEqual([calls, queue.size()], [[['a', 'b'], ['b']], 0]);
  });

  for (const [what, answer, why] of [
    ['refused', (keys: string[]) => keys, 'its event was refused; swath.log says why'],
    ['in a call that failed', () => new Error('no room'), 'no room'],
  ] as const)
    test(`reports messages that were ${what} five times, and leaves them to the sweep`, async () => {
      const { queue, calls, errors, wait } = makeBench(answer);
      queue.send(sceneOf('a'));
      for (let tries = 0; tries < 8; tries += 1) {
        await wait(60_000);
        await wait(1000);
      }
      assert.deepEqual([calls.length, errors, queue.size()], [5, [`a: ${why}`], 0]);
    });

  test('that is stopped hands nothing on', async () => {
    const { queue, calls, wait } = makeBench();
    queue.send(sceneOf('a'));
    queue.stop();
    queue.send(sceneOf('b'));
    await wait(120_000);
    assert.deepEqual([calls, queue.size()], [[], 0]);
  });
});
