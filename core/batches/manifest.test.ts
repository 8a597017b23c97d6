import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ModelRef } from '../base/messages.ts';
import { type BulkFile, makeManifest, readLines } from './manifest.ts';

const model = { name: 'baseline', version: '1.0.0' };
const day = '2026-03-01';

describe('a manifest', () => {
  test('has a line of JSON for each file, sorted by key, with exactly the fields of the contract', () => {
    const { bytes, key } = makeManifest([file('b'), file('a\n"ü"')], { filesPerBatch: 500, bytesPerBatch: 1000 });
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
    assert.deepEqual(JSON.parse(`[${lines}]`), [lineOf('a\n"ü"'), lineOf('b')]);
    assert.match(key, /^manifests\/[0-9a-f]{32}\.jsonl$/);
  });

  for (const [what, sizes, filesPerBatch, wanted] of [
    ['of so many files at most', [1, 1, 1, 1, 1, 1, 1], 3, [3, 3, 1]],
    ['of so many bytes at most, or of one file that is larger', [400, 400, 400, 5000, 100], 500, [2, 1, 1, 1]],
    ['that are full to the byte', [600, 400, 1], 500, [2, 1]],
    ['of which the first file is the largest', [5000, 100, 100], 500, [1, 2]],
    ['of empty files', [0, 1000, 0], 500, [3]],
    ['of files of unknown size', [null, 1000, null], 500, [3]],
  ] as const)
    test(`is split into batches ${what}, each located by its byte range`, () => {
      const files = sizes.map((size, i) => ({ line: { ...lineOf(`ä${i}`), size }, day, model }));
      const { bytes, batches } = makeManifest(files, { filesPerBatch, bytesPerBatch: 1000 });
      assert.equal(batches.map((batch) => batch.files).join(), wanted.join());
      const lines = batches.flatMap(({ offset, length }) => readLines(bytes.subarray(offset, offset + length)));
      assert.equal(
        lines.map(({ key, size }) => `${key} ${size}`).join(),
        sizes.map((size, i) => `ä${i} ${size}`).join(),
      );
      assert.equal(bytes.length, batches.at(-1)!.offset + batches.at(-1)!.length);
    });

  test('has batches of one day and one model version each', () => {
    const other = { ...model, version: '2.0.0' };
    const files = [file('a'), file('b', { day: '2026-03-02' }), file('c'), file('d', { model: other })];
    const { batches } = makeManifest(files, { filesPerBatch: 500, bytesPerBatch: 1000 });
    const found = batches.map((batch) => `${batch.day} ${batch.model.version}: ${batch.files}`);
    assert.deepEqual(found, [`${day} 1.0.0: 2`, `${day} 2.0.0: 1`, '2026-03-02 1.0.0: 1']);
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
