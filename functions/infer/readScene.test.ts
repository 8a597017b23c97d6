import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { InvalidSceneFile, SceneFileChanged } from '../../core/base/errors.ts';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import type { OpenScene } from '../../core/base/objectStore.ts';
import { makeModels } from '../../core/releases/models.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { encodeScene, type TestChip } from '../../test/benches/scenes.ts';
import { MODEL, MODEL_OBJECTS } from '../../test/simulation/model.ts';
import { makeReadScene } from './readScene.ts';

/** One pass over a small file, from a source of the test's own. */

const scene = { bucket: 'inbox', key: 'bulk/a', versionId: 'v1' };
const model = await makeModels(async (key) => MODEL_OBJECTS.get(key)!, MODEL.name).load(MODEL);
const file = (...values: number[]) => encodeScene(values.map((value): TestChip => ({ value, label: 1 })));

const claimAll = async (ids: readonly string[]) => new Set(ids);

type Source = { size?: number; changed?: (digest?: string) => boolean; chunk?: number };

async function read(
  bytes: Uint8Array,
  { size = bytes.length, changed = () => false, chunk = 50 }: Source = {},
  limits = {},
) {
  let closed = 0;
  const asked: (string | undefined)[] = [];
  const openScene: OpenScene = async () => ({
    size,
    lastModified: new Date(),
    chunks: (async function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
    range: rangesIn(bytes),
    close: () => {
      closed += 1;
    },
    hasChanged: async (digest) => {
      asked.push(digest);
      return changed(digest);
    },
  });
  const result = await makeReadScene(
    openScene,
    model,
    { resultsBucket: 'results', sceneLimits: { ...SCENE_LIMITS, ...limits } },
    claimAll,
  )(scene).catch((error: Error) => error);
  assert.equal(closed, 1, 'what is opened is closed');
  return { result, asked };
}

describe('a small file', () => {
  test('is read whole, whatever its pieces are', async () => {
    const bytes = file(5, 0, 6);
    const digest = createHash('sha256').update(bytes).digest('hex');
    for (const chunk of [7, 50, 1e6]) {
      const { result, asked } = await read(bytes, { chunk });
      assert.ok(!(result instanceof Error), String(result));
      assert.deepEqual(
        [result.size, result.digest, result.measured.chips, result.measured.blank],
        [bytes.length, digest, 3, 1],
      );
      assert.deepEqual(
        result.seen.map(({ place }) => place.index),
        [0, 2],
      );
      assert.deepEqual(asked, [digest]);
    }
  });

  test('that is empty is refused as empty', async () => {
    const { result } = await read(new Uint8Array());
    assert.ok(result instanceof InvalidSceneFile);
    assert.match(result.message, /^bulk\/a: is empty/);
    const { result: byte } = await read(new Uint8Array(1));
    assert.ok(byte instanceof InvalidSceneFile);
    assert.doesNotMatch(byte.message, /is empty/, 'a byte is one');
  });

  test('larger than is allowed is refused before it is read', async () => {
    const bytes = file(5, 6);
    const limit = { maxFileBytes: bytes.length - 1 };
    const { result, asked } = await read(bytes, {}, limit);
    assert.ok(result instanceof InvalidSceneFile);
    assert.match(result.message, new RegExp(`${bytes.length} bytes`));
    assert.deepEqual(asked, [undefined], 'it is asked only whether it is still that file');
    assert.ok(!((await read(bytes, {}, { maxFileBytes: bytes.length })).result instanceof Error));
  });

  test('of more chips than are allowed is refused', async () => {
    assert.ok(!((await read(file(5, 6), {}, { maxChips: 2 })).result instanceof Error));
    const { result } = await read(file(5, 6, 7), {}, { maxChips: 2 });
    assert.ok(result instanceof InvalidSceneFile);
  });

  test('that has grown since it was opened is read up to its former size, and its digest shows the change', async () => {
    const bytes = file(5, 6);
    const longer = new Uint8Array([...bytes, ...file(7)]);
    const digest = createHash('sha256').update(bytes).digest('hex');
    for (const chunk of [50, bytes.length, 1e6]) {
      const { asked } = await read(longer, { size: bytes.length, chunk });
      assert.deepEqual(asked, [digest]);
    }
  });

  test('that is shorter by now is read as far as it goes', async () => {
    const bytes = file(5, 6);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const { asked } = await read(bytes, { size: bytes.length + 100 });
    assert.deepEqual(asked, [digest]);
  });
});

describe('a file that changed while it was read', () => {
  for (const [what, bytes, changed] of [
    ['is refused', file(5), (digest?: string) => digest !== undefined],
    ['is not called broken for that', new Uint8Array(40), (digest?: string) => digest === undefined],
  ] as const)
    test(what, async () => {
      const { result } = await read(bytes, { changed });
      assert.ok(result instanceof SceneFileChanged);
      assert.equal(result.message, 'bulk/a changed while it was read. Its new content is a run of its own.');
    });

  test('is asked for only where it cannot be read: trouble is trouble', async () => {
    const trouble = new Error('slow down');
    let asked = 0;
    const openScene: OpenScene = async () => ({
      size: 9,
      lastModified: new Date(),
      range: rangesIn(new Uint8Array()),
      close: () => {},
      chunks: (async function* () {
        yield new Uint8Array();
        throw trouble;
      })(),
      hasChanged: async () => {
        asked += 1;
        return true;
      },
    });
    await assert.rejects(
      makeReadScene(openScene, model, { resultsBucket: 'results', sceneLimits: SCENE_LIMITS }, claimAll)(scene),
      trouble,
    );
    assert.equal(asked, 0);
  });
});
