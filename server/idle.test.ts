import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Engine } from '../core/doors/online/engine.ts';
import { makeIdle } from './idle.ts';

const BATCH = { chips: 1, bands: [] };

/** An engine whose batches end when they are told to; says which have begun. */
function makeEngine() {
  const begun: PromiseWithResolvers<Float32Array>[] = [];
  const engine: Engine = {
    run: () => {
      const batch = Promise.withResolvers<Float32Array>();
      begun.push(batch);
      return batch.promise;
    },
  };
  return { engine, begun };
}

async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

describe('an engine that waits until no other one runs', () => {
  test('begins at once where none does', async () => {
    const { last } = makeIdle();
    const { engine, begun } = makeEngine();
    void last(engine).run(BATCH);
    await someTurns();
    assert.equal(begun.length, 1);
  });

  test('begins when the last of them has ended, well or not, and not between two of their batches', async () => {
    const { first, last } = makeIdle();
    const [one, other, own] = [makeEngine(), makeEngine(), makeEngine()];
    const [a, b] = [first(one.engine), first(other.engine)];
    const [ofA, ofB] = [a.run(BATCH), b.run(BATCH)];
    ofB.catch(() => {});
    const waits = last(own.engine).run(BATCH);
    one.begun[0]!.resolve(Float32Array.of(1));
    await ofA;
    await someTurns();
    assert.equal(own.begun.length, 0, 'the other one still runs');
    // Whoever has waited for an engine takes it at once, before it is known to be idle.
    const next = ofB.catch(() => a.run(BATCH));
    other.begun[0]!.reject(new Error('broken'));
    await someTurns();
    assert.deepEqual([one.begun.length, own.begun.length], [2, 0]);
    one.begun[1]!.resolve(Float32Array.of(2));
    await next;
    await someTurns();
    assert.equal(own.begun.length, 1);
    own.begun[0]!.resolve(Float32Array.of(3));
    assert.deepEqual(await waits, Float32Array.of(3));
  });

  test('has none of the others wait for it', async () => {
    const { first, last } = makeIdle();
    const [one, own] = [makeEngine(), makeEngine()];
    void last(own.engine).run(BATCH);
    void first(one.engine).run(BATCH);
    await someTurns();
    assert.deepEqual([one.begun.length, own.begun.length], [1, 1]);
  });
});
