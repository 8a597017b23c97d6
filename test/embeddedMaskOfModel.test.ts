import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SERVING_KEY } from '../core/base/keys.ts';
import { type ModelRef, type SceneRef, sceneInput } from '../core/base/messages.ts';
import { makeRetry } from '../core/ledger/retry.ts';
import { encodeServing } from '../core/releases/serving.ts';
import { openMap } from '../core/results/maps/openMap.ts';
import { chipGrid } from '../core/scenes/raster/chipGrid.ts';
import { openObjectInFolder } from '../local/buckets/folderBucket.ts';
import { type OwnStack, startStack } from '../local/stack/stack.ts';

const MODELS = fileURLToPath(new URL('../models/', import.meta.url));
const SCENE = fileURLToPath(new URL('../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url));
const SIDE = 256;
const [SCL, B8A] = [
  { name: 's2-scl', version: '1.0.0' },
  { name: 's2-b8a', version: '1.0.0' },
];
/** Of s2-scl. */
const CLOUD = 4;
const [CHIP, OVERLAP, SHARE] = [96, 32, 0.2];
const every = { accepts: ['*'], since: null };

/** On a real scene: its scene classes first, and then a model whose mask they are. */
describe("another model's map as the mask", { timeout: 180_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'swath-masked-'));
  let stack: OwnStack;

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
        item.properties['swath:mask'] = { model: SCL.name, classes: ['cloud'], share: SHARE };
        item.properties['swath:chip_shape'] = [CHIP, CHIP];
        item.properties['swath:overlap'] = OVERLAP;
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

  async function mapOf(scene: SceneRef, model: ModelRef) {
    const row = (await stack.ledger.get(scene, model))!;
    const map = await openMap(openObjectInFolder(stack.folder.results), row, 'predictions', 0);
    const values = new (map.type === 'float32' ? Float32Array : Uint8Array)(SIDE * SIDE);
    await map.read({ x: 0, y: 0, width: SIDE, height: SIDE }, [0], [values]);
    return values;
  }
  const rowsOf = (scene: SceneRef) => Promise.all([SCL, B8A].map((model) => stack.ledger.get(scene, model)));
  const statesOf = async (scene: SceneRef) => (await rowsOf(scene)).map((row) => row?.state);

  /** The same scene as another file, of other bytes. */
  async function putAnother(key: string): Promise<SceneRef> {
    const path = join(home, 'another.tif');
    writeFileSync(path, Buffer.concat([readFileSync(SCENE), Buffer.from(key)]));
    return stack.put(path, key);
  }

  test('is awaited, and hides its classes in the map of the run that has waited, and chips', async () => {
    const scene = await stack.put(SCENE, 'ireland.tif');
    assert.equal((await stack.deliver(scene)).status, 'SUCCEEDED');
    const [scl, b8a] = await rowsOf(scene);
    assert.deepEqual([scl!.state, b8a!.state, b8a!.attempt, b8a!.failures], ['DONE', 'DONE', 1, undefined]);
    assert.ok(b8a!.preparedAt! > scl!.changed);
    const [classes, values] = await Promise.all([mapOf(scene, SCL), mapOf(scene, B8A)]);
    for (const [i, value] of classes.entries()) assert.equal(Number.isNaN(values[i]), value === CLOUD, `pixel ${i}`);
    const grid = chipGrid({ width: SIDE, height: SIDE }, { width: CHIP, height: CHIP }, OVERLAP);
    const chips = Array.from({ length: grid.columns * grid.rows }, (_, index) => grid.windowOf(index));
    const isCloudy = ({ x, y }: { x: number; y: number }) => {
      const isIn = (i: number) => i % SIDE >= x && i % SIDE < x + CHIP && i >= y * SIDE && i < (y + CHIP) * SIDE;
      return classes.filter((value, i) => value === CLOUD && isIn(i)).length > SHARE * CHIP ** 2;
    };
    const masked = chips.filter(isCloudy).length;
    assert.ok(masked > 0 && masked < chips.length);
    assert.deepEqual([b8a!.chips, b8a!.masked], [chips.length, masked]);
  });

  test('if its run has failed, the other fails with the reason, and runs by itself once that is done', async () => {
    const scene = await putAnother('north.tif');
    const { ledger, executions } = stack;
    const claim = { scene, model: SCL, execution: 'lost', now: stack.now(), leaseSeconds: 60, attemptLimit: 1 };
    const { row } = await ledger.claim(claim);
    await ledger.fail(row, 'FAILED', { name: 'DiskFull', message: 'No room.', step: 'Infer' }, stack.now());
    await executions.start('of-b8a', sceneInput(scene, B8A));
    await stack.idle();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { state, error } = (await ledger.get(scene, B8A))!;
      assert.deepEqual([state, error!.name, error!.attempt], ['FAILED', 'MaskMissing', attempt]);
      assert.match(
        error!.message,
        /^north\.tif: found the run .* of s2-scl\/1\.0\.0, whose map is the mask, FAILED, .*No room/,
      );
      await stack.sweep();
    }
    assert.deepEqual(await statesOf(scene), ['FAILED', 'FAILED']);
    await makeRetry(stack)(row.run);
    await stack.idle();
    assert.deepEqual(await statesOf(scene), ['DONE', 'DONE']);
  });

  for (const [what, hasMap] of [
    ['after its map was there and before the run that waits for it has seen it', true],
    ['while both are under way', false],
  ] as const)
    test(`is found by the next sweep if the process was killed ${what}`, async () => {
      const scene = await putAnother(`killed-${hasMap}.tif`);
      const { ledger, executions } = stack;
      if (hasMap) {
        await executions.start('of-scl', sceneInput(scene, SCL));
        await stack.idle();
      }
      // What a kill leaves: rows whose claims have run out, of executions that nobody knows any more.
      const before = new Date(stack.now().getTime() - 3_600_000);
      for (const model of hasMap ? [B8A] : [SCL, B8A])
        await ledger.claim({ scene, model, execution: 'killed', now: before, leaseSeconds: 60, attemptLimit: 3 });
      assert.deepEqual(await statesOf(scene), [hasMap ? 'DONE' : 'CLAIMED', 'CLAIMED']);
      await stack.sweep();
      const [scl, b8a] = await rowsOf(scene);
      assert.deepEqual([scl!.state, b8a!.state, scl!.attempt, b8a!.attempt], ['DONE', 'DONE', hasMap ? 1 : 2, 2]);
      const [classes, values] = await Promise.all([mapOf(scene, SCL), mapOf(scene, B8A)]);
      for (const [i, value] of classes.entries()) assert.equal(Number.isNaN(values[i]), value === CLOUD, `pixel ${i}`);
    });

  test('is none of a bulk file, which the other model refuses', async () => {
    const scene = await putAnother('bulk/one.tif');
    await stack.sweep();
    const [scl, b8a] = await rowsOf(scene);
    assert.deepEqual([scl!.state, b8a!.state, b8a!.error!.name], ['DONE', 'INVALID', 'InvalidSceneFile']);
    assert.match(b8a!.error!.message, /bulk or gathered files, of which s2-scl makes no map/);
  });
});
