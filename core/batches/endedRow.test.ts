import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf, partOf, predict } from '../../test/benches/predictions.ts';
import { modelId, sceneId } from '../base/messages.ts';
import { inRow } from '../tasks/registry.ts';
import { makeEndedRow } from './batchRows.ts';

/** A write is paid for by the KB, in the table and once more in each index that has the item. */
const KB = 1024;

for (const { what, letters, chips } of [
  { what: 'with keys of up to ninety letters', letters: 90, chips: [null] },
  { what: 'for labelled chips and keys of up to thirty-five letters', letters: 35, chips: [0, 1, 2, 3, 0, 1, 2, 3] },
])
  test(`a bulk file's row is one write unit, in the table and in each index, ${what}`, () => {
    const model = { name: 'droughtwatch-baseline', version: '1.0.0' };
    const key = `bulk/2026/11/19/${'sentinel-2-'.repeat(20)}`.slice(0, letters);
    const scene = { bucket: 'swath-production-inbox-123456789012-eu-central-1', key, versionId: 'x'.repeat(32) };
    const manifest = `manifests/${'a'.repeat(32)}.jsonl`;
    const batch = { id: 'b'.repeat(32), manifest, offset: 1e8, length: 1e5, files: 500, day: '2026-11-19', model };
    const execution = `arn:aws:states:eu-central-1:123456789012:execution:swath-production-pipeline:${'e'.repeat(73)}`;
    const times = { lease: '2026-11-19T00:15:00.000Z', openedAt: '2026-11-19T00:15:00.000Z' };
    const opened = { batch, execution, attempt: 1, executions: 1, ...times };
    const classified = modelOf(['cows-0', 'cows-1', 'cows-2', 'cows-3plus'].map((name, value) => ({ name, value })));
    const makeRow = makeEndedRow(opened, 3);
    const digest = 'd'.repeat(64);
    const outputs = chips.map((_, i) => [0, 1, 2, 3].map((place) => (place === i % 4 ? 0.4 : 0.2)));
    const part = partOf(chips.length, { truth: chips });
    const { sum } = predict(classified, outputs, { run: 'a run', digest, scene: key }, part);
    const at = new Date('2026-11-19T00:15:00.123Z');
    const found = { size: 67_000, digest, chips: chips.length, blank: 0, ...inRow(sum, classified) };
    const { scene: _, model: __, ...row } = makeRow({ scene, since: at, at, seen: undefined }, 'DONE', found);
    const changed = `${row.changed}#${row.run}`;
    const item = { ...row, ...scene, scene: sceneId(scene), model: modelId(model), changed };
    assert.ok(bytesOf(item) <= KB, `${bytesOf(item)} bytes`);
  });

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + bytesOf(one), 3);
  if (typeof value !== 'object' || value === null) return 1;
  const isItem = 'scene' in value;
  let sum = isItem ? 0 : 3;
  for (const [name, one] of Object.entries(value)) sum += Buffer.byteLength(name) + bytesOf(one) + (isItem ? 0 : 1);
  return sum;
}
