import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimLost } from './errors.ts';
import { keepLease, type LeasePorts } from './lease.ts';

/** When a lease is renewed, on a clock of the test's own. */

const holder = { scene: { bucket: 'inbox', key: 'a', versionId: 'v1' }, model: { name: 'm', version: '1' } };
const START = Date.parse('2026-03-01T10:00:00.000Z');

function keep(renew: LeasePorts['ledger']['renew'] = async () => ({}) as never) {
  let milliseconds = 0;
  const renewed: number[] = [];
  const ports: LeasePorts = {
    ledger: {
      renew: async (...asked) => {
        renewed.push(asked[1].getTime() - START);
        return renew(...asked);
      },
    },
    now: () => new Date(START + milliseconds),
    leaseSeconds: 60,
  };
  const ask = keepLease(ports, { ...holder, attempt: 1, execution: 'e' });
  const askAt = (at: number) => {
    milliseconds = at;
    return ask();
  };
  return { askAt, renewed };
}

test('a lease is renewed when a third of it is over, and not before', async () => {
  const { askAt, renewed } = keep();
  for (const at of [0, 19_999, 20_000, 20_001, 39_999, 40_000]) await askAt(at);
  assert.deepEqual(renewed, [20_000, 40_000]);
});

test('it is renewed once for all that ask meanwhile', async () => {
  const { askAt, renewed } = keep();
  await Promise.all([askAt(30_000), askAt(30_000), askAt(30_000)]);
  assert.deepEqual(renewed, [30_000]);
});

test('a claim that is lost is told, each time that somebody asks', async () => {
  const { askAt, renewed } = keep(() => Promise.reject(new ClaimLost('it is gone')));
  await assert.rejects(askAt(30_000), ClaimLost);
  await assert.rejects(askAt(30_001), ClaimLost);
  assert.deepEqual(renewed, [30_000, 30_001]);
});
