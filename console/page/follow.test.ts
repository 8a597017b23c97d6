import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Kind } from '../api.ts';
import { type Following, follow } from './follow.ts';
import type { Live } from './live.ts';

describe('an answer that is kept up to date', () => {
  test('it is asked for at once, and again when one of its topics is new', async () => {
    const { asked, told, change, answer } = start();
    await answer('{"n":1}');
    change('alarms');
    assert.equal(asked(), 1, 'that is none of its topics');
    change('runs');
    await answer('{"n":2}');
    assert.deepEqual(told, [{ data: { n: 1 } }, { data: { n: 2 } }]);
  });

  test('changes that arrive during a request cause one more request', async () => {
    const { asked, change, answer } = start();
    for (let i = 0; i < 5; i += 1) change('runs');
    assert.equal(asked(), 1);
    await answer('{}');
    assert.equal(asked(), 2);
    await answer('{}');
    assert.equal(asked(), 2);
  });

  test('does not notify about an equal answer', async () => {
    const { told, change, answer } = start();
    await answer('{"n":1}');
    change('runs');
    await answer('{"n":1}');
    assert.equal(told.length, 1);
  });

  test('notifies about a failure, and about the same answer after it', async () => {
    const { told, change, answer, refuse } = start();
    await answer('{"n":1}');
    change('runs');
    await refuse('no');
    change('runs');
    await answer('{"n":1}');
    assert.deepEqual(told, [{ data: { n: 1 } }, { problem: 'no' }, { data: { n: 1 } }]);
  });

  test('does not notify or ask after it is stopped', async () => {
    const { asked, told, change, answer, following } = start();
    following.stop();
    await answer('{}');
    change('runs');
    assert.deepEqual([asked(), told], [1, []]);
  });
});

/** An answer that is followed, of a server that does what a test says. */
function start() {
  const questions: PromiseWithResolvers<string>[] = [];
  const listeners = new Set<Parameters<Live>[0]>();
  const told: unknown[] = [];
  const following: Following = follow({
    read: () => {
      const question = Promise.withResolvers<string>();
      questions.push(question);
      return question.promise;
    },
    about: ['runs', 'metrics'],
    live: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (answer) => told.push(answer),
  });
  return {
    following,
    told,
    asked: () => questions.length,
    change: (topic: Kind) => {
      for (const listener of listeners) listener([topic], false);
    },
    answer: (text: string) => {
      questions.at(-1)!.resolve(text);
      return setImmediate();
    },
    refuse: (message: string) => {
      questions.at(-1)!.reject(new Error(message));
      return setImmediate();
    },
  };
}
