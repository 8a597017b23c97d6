import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimLost } from '../base/errors.ts';
import { keepBatch } from './openBatches.ts';

/** When a batch's lease is renewed, on a clock of the test's own. */

const START = Date.parse('2026-03-01T10:00:00.000Z');

function keep(renew = async () => {}) {
  let milliseconds = 0;
  const renewed: number[] = [];
  const { keep, need } = keepBatch(
    {
      ledger: {
        renewBatch: async (_holder, now, leaseSeconds) => {
          assert.equal(leaseSeconds, 300);
          renewed.push(now.getTime() - START);
          await renew();
        },
      },
      now: () => new Date(START + milliseconds),
      leaseSeconds: 300,
    },
    {} as Parameters<typeof keepBatch>[1],
  );
  const at = (ask: () => Promise<void>) => (when: number) => {
    milliseconds = when;
    return ask();
  };
  return { keepAt: at(keep), assertAt: at(need), renewed };
}

test('the lease of a batch is renewed when a third of it is over, and not before', async () => {
  const { keepAt, renewed } = keep();
  for (const at of [0, 99_999, 100_000, 100_001, 199_999, 200_000]) await keepAt(at);
  assert.deepEqual(renewed, [100_000, 200_000]);
});

test('an explicit check renews the lease, and postpones the next renewal', async () => {
  const { keepAt, assertAt, renewed } = keep();
  await assertAt(50_000);
  await keepAt(149_999);
  await keepAt(150_000);
  assert.deepEqual(renewed, [50_000, 150_000]);
});

test('a lost batch is reported as ClaimLost', async () => {
  const { keepAt, assertAt } = keep(() => Promise.reject(new ClaimLost('it is gone')));
  await assert.rejects(keepAt(100_000), ClaimLost);
  await assert.rejects(assertAt(1), ClaimLost);
});
