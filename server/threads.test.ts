import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { NOT_LOADED } from '../core/doors/online/engine.ts';
import { askOddEngines, oddThread } from '../test/engines/askOddEngines.ts';
import { lastDigit as model } from '../test/engines/lastDigit.ts';
import { EngineLate, EngineLost } from './threads.ts';

function batchOf(value: number) {
  return { chips: 2, bands: [{ name: 'A', dataType: 'uint16' as const, values: Uint16Array.of(value, value) }] };
}

describe('a thread', () => {
  for (const { fault, error } of [
    { fault: 'exits in a batch', error: new EngineLost("The model's thread has ended.") },
    { fault: 'is slow', error: new EngineLate('The model had no answer within 1.5 s.') },
  ] as const)
    test(`that ${fault} is replaced by another one`, async () => {
      const { engineOf, stop } = oddThread(fault, 1.5);
      const { run } = engineOf(model, new Uint8Array());
      for (let i = 0; i < 9; i += 1) assert.equal((await run(batchOf(i))).indexOf(1), i);
      await assert.rejects(run(batchOf(3)), error);
      assert.equal((await run(batchOf(4))).indexOf(1), 4);
      await stop();
    });

  test('that does not come back from a batch is not waited for when it is stopped', async () => {
    const { engineOf, stop } = oddThread('does not come back', 2);
    const { run } = engineOf(model, new Uint8Array());
    for (let i = 0; i < 9; i += 1) await run(batchOf(i));
    const started = performance.now();
    const lost = assert.rejects(run(batchOf(3)), EngineLate);
    await stop();
    await lost;
    assert.ok(performance.now() - started < 3500);
    await wait(4500 - (performance.now() - started)); // until it has ended: a process that ends before is killed
  });

  test('that could not load a model loads it again for the next batch', async () => {
    const { engineOf, stop } = oddThread('loads at the second time', 5);
    const { run } = engineOf(model, new Uint8Array());
    await assert.rejects(run(batchOf(3)), { name: NOT_LOADED });
    assert.equal((await run(batchOf(4))).indexOf(1), 4);
    await stop();
  });

  test('that is stopped runs nothing any more', async () => {
    const { engineOf, stop } = oddThread('none', 1);
    const { run } = engineOf(model, new Uint8Array());
    await run(batchOf(1));
    await stop();
    await assert.rejects(run(batchOf(1)), { name: 'TooBusy', message: 'The server is stopping.' });
  });
});

test('of thousands of requests, none fails though most engines have faults', async () => {
  const { wrong, batches } = await askOddEngines(3000);
  assert.deepEqual(wrong, []);
  assert.ok(batches > 100, `${batches} batches`);
});
