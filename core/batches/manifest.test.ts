import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelRef } from '../base/messages.ts';
import { type BulkFile, makeManifest, readLines } from './manifest.ts';

const model = { name: 'baseline', version: '1.0.0' };
const day = '2026-03-01';

describe('a manifest', () => {
  test('has a line of JSON for each file, sorted by key, with exactly the fields of the contract', () => {
    const { bytes, key } = makeManifest([file('b'), file('a\n"ü"')], { filesPerBatch: 500, bytesPerBatch: 1000 });
    const text = new TextDecoder().decode(bytes);
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [lineOf('a\n"ü"'), lineOf('b')],
    );
    assert.match(key, /^manifests\/[0-9a-f]{32}\.jsonl$/);
  });

  test('is split into batches of at most so many files, each located by its byte range', () => {
    const files = Array.from({ length: 7 }, (_, i) => file(`ä${i}`));
    const { bytes, batches } = makeManifest(files, { filesPerBatch: 3, bytesPerBatch: 1000 });
    assert.deepEqual(
      batches.map((batch) => batch.files),
      [3, 3, 1],
    );
    const lines = batches.map(({ offset, length }) => readLines(bytes.subarray(offset, offset + length)));
    assert.deepEqual(
      lines.flat().map(({ key }) => key),
      files.map(({ line }) => line.key),
    );
    assert.equal(
      batches.reduce((sum, { length }) => sum + length, 0),
      bytes.length,
    );
  });

  test('is split into batches of at most so many bytes, or of one file that is larger', () => {
    const files = [400, 400, 400, 5000, 100].map((size, i) => file(`${i}`, { size }));
    const { batches } = makeManifest(files, { filesPerBatch: 500, bytesPerBatch: 1000 });
    assert.deepEqual(
      batches.map((batch) => batch.files),
      [2, 1, 1, 1],
    );
  });

  for (const { what, sizes, batches } of [
    { what: 'that fill a batch exactly', sizes: [600, 400, 1], batches: [2, 1] },
    { what: 'of which the first is the largest', sizes: [5000, 100, 100], batches: [1, 2] },
    { what: 'that are empty', sizes: [0, 1000, 0], batches: [3] },
    { what: 'whose sizes are unknown', sizes: [null, 1000, null], batches: [3] },
  ])
    test(`is split into batches for files ${what}`, () => {
      const files = sizes.map((size, i) => ({ line: { ...lineOf(`${i}`), size }, day, model }));
      const { bytes, batches: cut } = makeManifest(files, { filesPerBatch: 500, bytesPerBatch: 1000 });
      assert.deepEqual(
        cut.map((batch) => batch.files),
        batches,
      );
      assert.deepEqual(
        readLines(bytes).map(({ size }) => size),
        sizes,
      );
    });

  test('has batches of one day each, even for one model version', () => {
    const files = [file('a'), file('b'), file('c', { day: '2026-03-02' })];
    const { batches } = makeManifest(files, { filesPerBatch: 500, bytesPerBatch: 1000 });
    assert.deepEqual(
      batches.map((batch) => [batch.day, batch.files]),
      [
        [day, 2],
        ['2026-03-02', 1],
      ],
    );
  });

  test('has batches of one day and one model version each', () => {
    const other = { ...model, version: '2.0.0' };
    const files = [file('a'), file('b', { day: '2026-03-02' }), file('c'), file('d', { model: other })];
    const { batches } = makeManifest(files, { filesPerBatch: 500, bytesPerBatch: 1000 });
    assert.deepEqual(
      batches.map((batch) => [batch.day, batch.model.version, batch.files]),
      [
        [day, '1.0.0', 2],
        [day, '2.0.0', 1],
        ['2026-03-02', '1.0.0', 1],
      ],
    );
  });

  test('derives the id of a batch from its files, day and model version alone', () => {
    const limits = { filesPerBatch: 2, bytesPerBatch: 1000 };
    const idOf = (...files: BulkFile[]) => makeManifest(files, limits).batches[0]?.id;
    const id = idOf(file('a'), file('b'));
    assert.equal(idOf(file('b'), file('a'), file('c')), id);
    const version = { ...lineOf('b'), versionId: 'v2' };
    const others = [
      idOf(file('a')),
      idOf(file('a'), file('c')),
      idOf(file('a'), { line: version, day, model }),
      idOf(file('a', { day: '2026-03-02' }), file('b', { day: '2026-03-02' })),
      idOf(file('a', { model: { ...model, version: '2' } }), file('b', { model: { ...model, version: '2' } })),
    ];
    assert.equal(new Set([id, ...others]).size, 6);
  });

  test('has no batch if there is no file', () => {
    assert.deepEqual(makeManifest([], { filesPerBatch: 2, bytesPerBatch: 10 }).batches, []);
  });
});

function lineOf(key: string, size = 10) {
  return { bucket: 'inbox', key, versionId: 'v1', etag: null, size };
}

function file(key: string, more: { size?: number; day?: string; model?: ModelRef } = {}): BulkFile {
  return { line: lineOf(key, more.size), day: more.day ?? day, model: more.model ?? model };
}
