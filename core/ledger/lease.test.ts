import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimLost } from '../base/errors.ts';
import { isLeaseOver, keepLease } from './lease.ts';
import type { OpenBatch } from './openBatches.ts';
import { keepBatch } from './openBatches.ts';

const LEASE_SECONDS = 300;
const start = new Date('2026-03-01T10:00:00Z');
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000);
const MONTH = 30 * 86_400;

describe('a lease', () => {
  for (const { what, ends, isOver } of [
    { what: 'holds until its end', ends: 0.001, isOver: false },
    { what: 'has expired after its end', ends: -0.001, isOver: true },
    { what: 'holds if it was given at this moment', ends: LEASE_SECONDS, isOver: false },
    { what: 'holds if it was given by a clock that is a little ahead', ends: LEASE_SECONDS + 59, isOver: false },
    { what: 'has expired if it is longer than any lease can be', ends: LEASE_SECONDS + 61, isOver: true },
    { what: 'has expired if it was given by a clock that was a month ahead', ends: MONTH, isOver: true },
  ])
    test(what, () => assert.equal(isLeaseOver(after(ends).toISOString(), start, LEASE_SECONDS), isOver));
});

describe('a holder renews its lease', () => {
  const opened = { batch: { id: 'b' } } as OpenBatch;
  const kinds = {
    'a claim': (now: () => Date, renew: (at: Date) => Promise<never>) =>
      keepLease({ ledger: { renew: (_holder, at) => renew(at) }, now, leaseSeconds: LEASE_SECONDS }, {} as never, start)
        .keep,
    'a batch': (now: () => Date, renew: (at: Date) => Promise<never>) =>
      keepBatch({ ledger: { renewBatch: (_holder, at) => renew(at) }, now, leaseSeconds: LEASE_SECONDS }, opened).keep,
  };
  for (const [what, make] of Object.entries(kinds))
    test(`${what}: once a third of it is over, and at once where the clock was set back or ahead`, async () => {
      let now = start;
      const renewals: Date[] = [];
      const keep = make(
        () => now,
        async (at) => void renewals.push(at) as never,
      );
      for (const seconds of [0, 99, 100, 150, MONTH, MONTH + 1, 160, 170, 261]) {
        now = after(seconds);
        await keep();
      }
      assert.deepEqual(renewals, [100, MONTH, 160, 261].map(after));
    });

  test('an explicit check renews the lease of a batch at once, and postpones the next renewal', async () => {
    let now = start;
    const renewals: Date[] = [];
    const ledger = { renewBatch: async (_holder: unknown, at: Date) => void renewals.push(at) };
    const { keep, need } = keepBatch({ ledger, now: () => now, leaseSeconds: LEASE_SECONDS }, opened);
    now = after(50);
    await need();
    for (const seconds of [149, 150]) {
      now = after(seconds);
      await keep();
    }
    assert.deepEqual(renewals, [50, 150].map(after));
  });

  test('a holder that has lost its batch learns so', async () => {
    const ledger = { renewBatch: () => Promise.reject(new ClaimLost('it is gone')) };
    const { need } = keepBatch({ ledger, now: () => start, leaseSeconds: LEASE_SECONDS }, opened);
    await assert.rejects(need(), ClaimLost);
  });
});
