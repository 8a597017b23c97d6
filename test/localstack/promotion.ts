import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { loopingPackage } from '../loopingModel.ts';
import { sceneOf } from '../scenes.ts';
import { baseline } from '../suite/subject.ts';
import type { At } from './here.ts';
import { prepared } from './waiting.ts';

/** Seconds of classifying, whatever the machine. */
const ROUNDS = 1_500_000;

/** Two versions, and a file for each. */
export function promotion(at: At): void {
  test('a promotion between two files: each run is of one version from start to end', async () => {
    const { stack, unique, key, run, settled, predictionsOf, with: withModel } = at().subject;
    await withModel(loopingPackage({ rounds: ROUNDS }), async (slow) => {
      const scene = await stack.put(key('before'), sceneOf(unique('before'), 3));
      await prepared(stack, scene);
      let later: LedgerRow | undefined;
      let promoted = '';
      await withModel(baseline, async (fast) => {
        promoted = new Date().toISOString();
        later = await run('after', sceneOf(unique('after'), 3));
        assert.deepEqual([later.state, later.model], ['DONE', fast]);
      });
      const earlier = await settled(scene);
      assert.deepEqual([earlier.state, earlier.model, earlier.attempt], ['DONE', slow, 1]);
      assert.ok(earlier.changed > promoted, 'the first run ended before the promotion');
      for (const row of [earlier, later!]) {
        assert.equal((await stack.ledgerRows(row.scene)).length, 1);
        const files = await predictionsOf(row);
        assert.equal(files.length, 1);
        const { key, rows } = files[0]!;
        assert.ok(key.includes(`/version=${row.model.version}/`));
        // The slow model finds every class as probable as the others.
        const isSlow = rows.every(({ probability }) => probability === 0.25);
        assert.equal(isSlow, row.model.version === slow.version);
      }
    });
  });
}
