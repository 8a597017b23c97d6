import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { runId, type SceneRef } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { HOSTILE_NAMES } from '../hostileNames.ts';
import { sceneOf } from '../scenes.ts';
import type { Stacked } from './subject.ts';

/** Names as nasty as S3 lets them be: each is a file like any other, wherever its key comes along. */
export function hostileNames(stacked: Stacked): void {
  describe('a file by the name of', () => {
    const found = new Map<string, SceneRef>();
    const samples = HOSTILE_NAMES.filter(({ isSample }) => isSample === true);
    // As the name is, whatever a stack's events make of it: the sweep finds these files, in the listing.
    const keyOf = (name: string) => `${stacked().key('hostile')}/${name}`;
    const isBad = (name: string) => /[<\n]/.test(name);

    before(async () => {
      const { stack, unique } = stacked();
      const files = samples
        .map(({ name }) => ({
          key: keyOf(name),
          bytes: isBad(name) ? Buffer.from(unique(name)) : sceneOf(unique(`hostile ${name}`), 1),
        }))
        .filter(({ key }) => stack.takes(key) === 'yes');
      const scenes = await stack.putAllSilently(files);
      for (const [i, scene] of scenes.entries()) found.set(files[i]!.key, scene);
      await stack.sweep();
      // All at once is much for a small machine: whose process was killed for want of memory, the next sweep tries again.
      const ended = await Promise.all([...found.values()].map((scene) => stacked().settled(scene)));
      const failed = ended.filter(({ state }) => state === 'FAILED');
      for (const { scene, error } of failed) console.error(`${jsonLine(scene.key)} failed: ${error?.message}`);
      if (failed.length > 0) await stack.sweep();
    });

    for (const { name, about } of samples)
      test(`${jsonLine(name)}: ${about}`, async (t) => {
        const { stack, settled, predictionsOf } = stacked();
        const key = keyOf(name);
        const isTaken = stack.takes(key);
        if (isTaken === 'untold') return t.skip('no key that every client and every stand-in for S3 can write');
        if (isTaken === 'no') {
          await assert.rejects(stack.put(key, sceneOf(name, 1)), { name: 'UnfitKey', message: /^"[^\n]*Rename it\.$/ });
          return;
        }
        const scene = found.get(key)!;
        const row = await settled(scene);
        assert.deepEqual(row.scene, scene);
        assert.equal(row.run, runId(scene, row.model));
        assert.equal((await stack.ledgerRows(scene)).length, 1);
        const predictions = await predictionsOf(row);
        if (isBad(name)) {
          assert.deepEqual([row.state, predictions], ['INVALID', []]);
          assert.ok(
            row.error!.message.startsWith(`${scene.key}: is in no format that Swath reads`),
            row.error!.message,
          );
          const { cause } = await stack.ended(row.execution);
          assert.equal(cause, `Preprocess: ${row.error!.message}`);
          return;
        }
        assert.equal(row.state, 'DONE', row.error?.message);
        const { name: model, version } = row.model;
        const at = `predictions/model=${model}/version=${version}/date=${row.day}/${row.run}-00000.parquet`;
        assert.deepEqual(
          predictions.map((file) => file.key),
          [at],
        );
        const [chip, ...others] = predictions[0]!.rows;
        assert.equal(others.length, 0);
        const { scene: its, ...values } = chip!;
        assert.equal(its, scene.key);
        assert.ok(
          !JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? String(value) : value)).includes(name),
        );
        assert.equal(values.chip_id, `${row.digest!.slice(0, 16)}-0`);
      });

    test('two that differ in nothing but how an accent is written are two', async () => {
      const [one, other] = ['caf\u00e9', 'cafe\u0301'].map((name) => found.get(keyOf(name))!);
      const rows = await Promise.all([one!, other!].map((scene) => stacked().stack.ledgerRows(scene)));
      assert.equal(new Set(rows.flat().map(({ run }) => run)).size, 2);
    });
  });
}
