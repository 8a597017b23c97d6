import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mapKey, SERVING_KEY } from '../core/base/keys.ts';
import type { SceneRef } from '../core/base/messages.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { encodeServing } from '../core/releases/serving.ts';
import { openMap } from '../core/results/maps/openMap.ts';
import { openObjectInFolder } from '../local/buckets/folderBucket.ts';
import { type OwnStack, startStack } from '../local/stack/stack.ts';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const SCENE = fileURLToPath(new URL('../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url));
const SIDE = 256;
const [SCL, B8A] = ['s2-scl', 's2-b8a'].map((name) => ({ name, version: '1.0.0' })) as [
  LedgerRow['model'],
  LedgerRow['model'],
];
const HIDING = [0, 4, 5];
const every = { accepts: ['*'], since: null };

/** On a real scene: its scene classes first, and then a model whose mask they are. */
describe("another model's map as the mask", { timeout: 180_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-masked-'));
  let stack: OwnStack;
  const openResult = () => openObjectInFolder(stack.folder.results);

  before(async () => {
    stack = await startStack({
      dataDir: join(home, 'data'),
      command: 'a test',
      parameters: { modelName: B8A.name },
      prepare: async ({ models }) => {
        for (const { name } of [SCL, B8A]) {
          cpSync(join(MODELS, name), join(models, name), { recursive: true });
          writeFileSync(join(models, name, 'promoted.json'), '{"version": "1.0.0"}');
        }
        const path = join(models, B8A.name, '1.0.0', 'item.json');
        const item = JSON.parse(readFileSync(path, 'utf8'));
        item.properties['swath:mask'] = { model: SCL.name, classes: ['shadow', 'cloud', 'cirrus'], share: 0.2 };
        item.properties['swath:chip_shape'] = [96, 96];
        item.properties['swath:overlap'] = 32;
        writeFileSync(path, JSON.stringify(item));
        const served = [B8A, SCL].map(({ name }) => ({ name, ...every }));
        writeFileSync(join(models, SERVING_KEY), encodeServing(served));
      },
    });
  });
  after(async () => {
    await stack.close();
    rmSync(home, { recursive: true });
  });

  async function mapOf(scene: SceneRef, model: LedgerRow['model']) {
    const row = (await stack.ledger.get(scene, model))!;
    const map = await openMap(openResult(), row, 'predictions', 0);
    const values = new (map.type === 'float32' ? Float32Array : Uint8Array)(SIDE * SIDE);
    await map.read({ x: 0, y: 0, width: SIDE, height: SIDE }, [0], [values]);
    return values;
  }

  test('waits for that map, and hides in its own what the classes say', async () => {
    const scene = await stack.put(SCENE, 'ireland.tif');
    assert.equal((await stack.deliver(scene)).status, 'SUCCEEDED');
    const [scl, b8a] = await Promise.all([SCL, B8A].map((model) => stack.ledger.get(scene, model)));
    console.log(scl, b8a);
    assert.deepEqual([scl!.state, b8a!.state, b8a!.attempt], ['DONE', 'DONE', 1]);
    const [classes, values] = await Promise.all([mapOf(scene, SCL), mapOf(scene, B8A)]);
    let hidden = 0;
    for (const [i, value] of classes.entries()) {
      const isHidden = HIDING.includes(value);
      hidden += Number(isHidden);
      assert.equal(Number.isNaN(values[i]), isHidden, `pixel ${i}`);
    }
    assert.ok(hidden > 10_000 && hidden < 60_000, String(hidden));
    assert.ok(b8a!.masked! > 0 && b8a!.masked! < b8a!.chips!);
    void mapKey;
  });
});
