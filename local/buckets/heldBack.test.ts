import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { lastWordInput, sweepInput } from '../../core/base/messages.ts';
import { holdBack } from './heldBack.ts';

const start = Date.parse('2026-03-01T10:00:30Z');
const at = new Date('2026-03-01T10:02:00Z');
const input = lastWordInput(at);

let started: string[];
let now: number;
let held: ReturnType<typeof holdBack>;

describe('executions that are held back', () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    started = [];
    now = start;
    const executions = {
      start: async (name: string) => {
        started.push(name);
        return 'started' as const;
      },
      describe: async () => ({ status: 'UNKNOWN' as const }),
      arnOf: (name: string) => name,
    };
    held = holdBack(executions, () => new Date(now));
  });
  afterEach(() => {
    held.stop();
    mock.timers.reset();
  });

  function secondsLater(seconds: number): void {
    now += seconds * 1000;
    mock.timers.tick(1000);
  }

  test('an execution that begins with a wait starts when its time has come, once', async () => {
    assert.equal(await held.executions.start('a', input), 'started');
    assert.equal(await held.executions.start('a', input), 'known');
    secondsLater(89);
    assert.deepEqual(started, []);
    secondsLater(1);
    assert.deepEqual(started, ['a']);
    secondsLater(60);
    assert.deepEqual(started, ['a']);
  });

  test('any other one starts at once', async () => {
    await held.executions.start('sweep', sweepInput);
    assert.deepEqual(started, ['sweep']);
  });

  test('one whose time has moved far away, as the clock was set back, starts at once', async () => {
    await held.executions.start('a', input);
    secondsLater(-30 * 86_400);
    assert.deepEqual(started, ['a']);
  });

  test('none starts once the stack ends', async () => {
    await held.executions.start('a', input);
    held.stop();
    secondsLater(120);
    assert.deepEqual(started, []);
  });
});
