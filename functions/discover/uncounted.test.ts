import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { predictionsKey } from '../../core/base/keys.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { before, makeBench, newScene, now, ref } from '../../test/benches/sweep.ts';
import type { DiscoverPorts } from './discover.ts';

/** Predictions of runs that count nothing: whoever wrote them late, or was to remove them, has died. */

const day = '2026-03-01';
const whole = 'f'.repeat(32);
const failure = { name: 'InvalidSceneFile', message: 'It is broken.', step: 'Preprocess' };

type Bench = Awaited<ReturnType<typeof makeBench>>;

/** A run that is claimed by its attempt so and so. */
async function claimed({ ledger }: Bench, attempt: number): Promise<LedgerRow> {
  const request = { scene: newScene(), model: ref, now: before, leaseSeconds: -1, attemptLimit: 3 };
  const claim = (name: string) => ledger.claim({ ...request, execution: name, fixed: { day, chipsPerPart: 512 } });
  for (let former = 1; former < attempt; former += 1) await claim(`attempt ${former}`);
  return (await claim(`attempt ${attempt}`)).row;
}

function leave({ results }: Bench, row: LedgerRow): string {
  const key = predictionsKey({ id: row.run, model: ref, day }, 0);
  results.put(key, new Uint8Array([1]));
  return key;
}

describe('predictions that somebody has left are removed', () => {
  for (const [what, end] of [
    ['of a run that was withdrawn', ({ ledger }: Bench, row: LedgerRow) => ledger.withdraw(row, whole, before)],
    [
      'of a duplicate',
      ({ ledger }: Bench, row: LedgerRow) => ledger.advance(row, 'DUPLICATE', before, { duplicateOf: whole }),
    ],
    ['of an invalid file', ({ ledger }: Bench, row: LedgerRow) => ledger.fail(row, 'INVALID', failure, before)],
  ] as const)
    for (const isFull of [false, true])
      test(`${what}, by ${isFull ? 'a full' : 'a'} sweep`, async () => {
        const bench = await makeBench();
        await bench.ledger.raiseWatermark(before);
        const row = await end(bench, await claimed(bench, 2));
        const key = leave(bench, row);
        assert.deepEqual(await bench.sweep({}, isFull), { started: 0, settled: 0 });
        assert.equal(bench.results.objects.has(key), false);
        assert.deepEqual(await bench.ledger.get(row.scene, ref), row);
      });

  test('page by page', async () => {
    const bench = await makeBench();
    for (let file = 0; file < 3; file += 1)
      leave(bench, await bench.ledger.fail(await claimed(bench, 2), 'INVALID', failure, before));
    const byState: DiscoverPorts['ledger']['byState'] = (state, asked) =>
      bench.ledger.byState(state, { ...asked, limit: 2 });
    await bench.sweep({ ledger: { ...bench.ledger, byState } });
    assert.deepEqual(bench.results.keys(), []);
  });

  test('but of a run that has come to another attempt meanwhile', async () => {
    const bench = await makeBench();
    const row = await bench.ledger.advance(await claimed(bench, 2), 'DUPLICATE', before, { duplicateOf: whole });
    const key = leave(bench, row);
    const listVersions = async (prefix: string) => {
      await bench.ledger.letTakeOver(row);
      const request = { scene: row.scene, model: ref, execution: 'next', now, leaseSeconds: 60, attemptLimit: 3 };
      assert.equal((await bench.ledger.claim(request)).held, true);
      return bench.results.ports.listVersions(prefix);
    };
    await bench.sweep({ listVersions });
    assert.equal(bench.results.objects.has(key), true);
  });
});

test('nothing is looked for where there was one attempt only, or where a sweep before has looked', async () => {
  const bench = await makeBench();
  await bench.ledger.fail(await claimed(bench, 1), 'INVALID', failure, before);
  const long = new Date(now.getTime() - 30 * 86_400_000);
  await bench.ledger.fail(await claimed(bench, 2), 'INVALID', failure, long);
  await bench.ledger.raiseWatermark(before);
  await bench.sweep({ listVersions: async () => assert.fail('nothing is listed') });
});
