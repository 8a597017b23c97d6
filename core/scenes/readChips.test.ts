import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { streamOf } from '../../test/benches/sceneFiles.ts';
import { encodeScene, readSmallModel } from '../../test/benches/scenes.ts';
import { InvalidSceneFile } from '../base/errors.ts';
import { SCENE_LIMITS } from '../base/limits.ts';
import type { Chip } from '../package/package.ts';
import { type Format, HEAD_BYTES } from './formats/format.ts';
import { tfrecord } from './formats/tfrecord/format.ts';
import { rangesIn } from './rangesIn.ts';
import { makeReadChips } from './readChips.ts';

const model = await readSmallModel();

/** A file of single bytes, a chip each, whose first byte is 0xcc. */
const bytewise: Format = {
  name: 'bytewise',
  sniff: (head) => (head[0] === 0xcc ? 'yes' : 'no'),
  makeReader: () =>
    async function* ({ chunks }) {
      let index = 0;
      for await (const chunk of chunks) yield [...chunk].map((value) => chipOf(index++, value));
    },
  readChip: async () => assert.fail('nobody asks for one'),
};

const chipOf = (index: number, value: number): Chip => ({
  place: { index, kind: 'index' },
  planes: [Uint8Array.of(value)],
  truth: null,
});

async function read(bytes: Uint8Array, { size = 100, formats = [tfrecord, bytewise], limits = {} } = {}) {
  const { scene, seen } = streamOf(bytes, { key: 'north/a', size });
  const values: number[] = [];
  const reading = makeReadChips(model, { ...SCENE_LIMITS, ...limits });
  const result = await reading(scene, ({ planes }) => void values.push(planes[0]![0]!), formats).catch(
    (error: Error) => error,
  );
  return { result, values, seen };
}

describe('a file', () => {
  test('is read by the format that recognises it, however its first bytes are split into chunks', async () => {
    const bytes = Uint8Array.from({ length: 2 * HEAD_BYTES }, (_, i) => (i === 0 ? 0xcc : 1 + (i % 100)));
    const scene = encodeScene([
      { value: 7, label: 0 },
      { value: 0, label: 0 },
      { value: 9, label: 0 },
    ]);
    for (const size of [1, 7, HEAD_BYTES - 1, HEAD_BYTES, 1e5]) {
      const found = await read(bytes, { size });
      assert.deepEqual(
        [...found.values],
        [...bytes].filter((value) => value > (model.blankMax ?? -1)),
      );
      const { result, values, seen } = await read(scene, { size });
      assert.deepEqual([result, values, seen.closed], [{ measured: { chips: 3, blank: 1 } }, [7, 9], true]);
    }
  });

  test('is read completely if its first chunk is too small to decide the format', async () => {
    const scene = encodeScene([7, 8].map((value) => ({ value, label: 0 })));
    const chunks = async function* () {
      yield scene.subarray(0, 5);
      yield scene.subarray(5);
    };
    const reading = makeReadChips(model, SCENE_LIMITS);
    const counts = await reading(
      { key: 'a', size: scene.length, chunks: chunks(), range: rangesIn(scene) },
      () => undefined,
    );
    assert.deepEqual(counts, { measured: { chips: 2, blank: 0 } });
  });

  test('is recognised by the bytes that decide alone, however large its first chunk is', async () => {
    const heads: number[] = [];
    const sniff = (head: Uint8Array) => (heads.push(head.length) > 0 ? 'yes' : 'no');
    const bytes = Uint8Array.from({ length: 2 * HEAD_BYTES }, () => 7);
    await read(bytes, { size: bytes.length, formats: [{ ...bytewise, sniff }] });
    assert.deepEqual(heads, [HEAD_BYTES]);
  });

  test('that is shorter than the bytes that decide is read normally', async () => {
    assert.deepEqual((await read(Uint8Array.of(0xcc, 5))).values, [0xcc, 5]);
  });

  test('that no format recognises is refused with its first bytes, and closed', async () => {
    const { result, seen } = await read(Buffer.from('\x89PNG\r\n', 'latin1'), { formats: [bytewise] });
    assert.ok(result instanceof InvalidSceneFile);
    assert.equal(
      result.message,
      'north/a: found a file that starts with “\\x89PNG\\x0d\\x0a”; formats that are read: bytewise',
    );
    assert.ok(seen.closed);
  });

  test('that is of a known format that is not read is refused with the way out, and is no damaged TFRecord', async () => {
    const starts = [
      '\x89HDF',
      'GIF89a\x01\0',
      'BM\x46\0\0\0\0\0\0\0\x36\0',
      '\0\0\0\x1cftypavif',
      '\0\0\0\x18ftypheic',
    ];
    for (const start of starts) {
      const { result } = await read(Buffer.from(start.padEnd(600, '\0'), 'latin1'));
      assert.ok(result instanceof InvalidSceneFile);
      assert.match(
        result.message,
        /^north\/a: found a file that starts with “.*”, like an? \w+ (file|image|photo)(\. (Save|Convert) |, which is a scene by its name\. Name it )/,
      );
      assert.match(result.message, /; formats that are read: TFRecord, bytewise$/);
      assert.doesNotMatch(result.message, /damaged/);
    }
  });

  test('that one format may recognise is refused with the error of that format and the list of all formats', async () => {
    const { result } = await read(Buffer.from('\x89PNG\r\n', 'latin1'));
    assert.ok(result instanceof InvalidSceneFile);
    assert.match(
      result.message,
      /^north\/a: is in no format that Swath reads: it starts with “.*”\. .*; formats that are read: TFRecord, bytewise$/,
    );
  });

  test('that is recognised but invalid later is refused with the error of its format alone', async () => {
    const scene = encodeScene([{ value: 7, label: 0 }]);
    const { result } = await read(scene.subarray(0, -1));
    assert.ok(result instanceof InvalidSceneFile);
    assert.doesNotMatch(result.message, /formats that are read/);
  });

  describe('that one format may recognise', () => {
    /** One that tries whatever there is: a chip, and then it is no file of its own. */
    const guessing = (chips: number, error: Error): Format => ({
      ...bytewise,
      name: 'guessing',
      sniff: () => 'maybe',
      makeReader: () =>
        async function* () {
          yield Array.from({ length: chips }, (_, index) => chipOf(index, 9));
          throw error;
        },
    });
    const readBy = async (format: Format) => (await read(Uint8Array.of(1, 2), { formats: [format] })).result;

    test('is refused with the error of that format alone after its first chip', async () => {
      const error = new InvalidSceneFile('north/a: is damaged');
      assert.equal(await readBy(guessing(1, error)), error);
      assert.equal(String(await readBy(guessing(0, error))), `${error}; formats that are read: guessing`);
    });

    test('is not refused as invalid because of another error', async () => {
      const error = new Error('lost');
      for (const chips of [0, 1]) assert.equal(await readBy(guessing(chips, error)), error);
    });
  });

  test('too large is refused before a byte is read, one with too many chips when they come', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, () => 0xcc);
    const large = await read(bytes, { limits: { maxFileBytes: 999 } });
    assert.match(String(large.result), /found 1000 bytes, allowed are at most 999/);
    assert.equal(large.seen.streamed, 0);
    const many = await read(bytes, { limits: { maxChips: 600 } });
    assert.match(String(many.result), /found more than 600 chips/);
    assert.deepEqual([many.values.length, many.seen.closed, many.seen.streamed], [600, true, 700]);
    assert.deepEqual((await read(bytes, { limits: { maxChips: 1000 } })).result, {
      measured: { chips: 1000, blank: 0 },
    });
  });

  test('is read no faster than its chips are consumed', async () => {
    let isTaking = false;
    const { scene } = streamOf(Uint8Array.of(0xcc, 2, 3));
    const take = async () => {
      assert.ok(!isTaking);
      isTaking = true;
      await Promise.resolve();
      isTaking = false;
    };
    assert.equal((await makeReadChips(model, SCENE_LIMITS)(scene, take, [bytewise])).measured.chips, 3);
  });
});
