import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictionsKey } from '../../core/base/keys.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { encodePredictions } from '../../core/results/encodePredictions.ts';
import { placed } from '../../core/results/predictionColumns.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { modelOf, partOf } from '../../test/benches/predictions.ts';
import { chipRows, chipsQuery } from './chips.ts';

const model = modelOf([
  { value: 1, name: 'wet' },
  { value: 2, name: 'dry' },
]);
const day = '2026-03-01';

test('the chips of a batch that is listed are read from its file once, and its runs stay together', async () => {
  const runOf = (name: string, minute: number, about: Partial<LedgerRow>): LedgerRow =>
    rowIn('DONE', {
      run: name.repeat(32),
      scene: { bucket: 'inbox', key: name, versionId: 'v1' },
      model: { name: model.name, version: model.version },
      changed: `2026-03-01T00:0${minute}:00.000Z`,
      digest: name.repeat(64),
      day,
      parts: 1,
      ...about,
    });
  const batch = 'e'.repeat(32);
  const [a, b, alone] = [runOf('a', 3, { batch }), runOf('b', 1, { batch }), runOf('c', 2, {})];
  const fileOf = (rows: readonly LedgerRow[], outputs: number[][]) => {
    const { values } = model.task.decode(outputs.flat(), outputs.length, model);
    const origins = rows.map(({ run, digest, scene }) => ({ run, digest: digest!, scene: scene.key }));
    return encodePredictions(
      model,
      placed(partOf(outputs.length), values, model, (chip) => origins[chip]!),
    );
  };
  const [wet, dry, surely] = [
    [0.75, 0.25],
    [0.25, 0.75],
    [0.875, 0.125],
  ] as const;
  const files = new Map([
    [predictionsKey({ id: batch, model, day }, 0), fileOf([a, b, a], [[...surely], [...dry], [...wet]])],
    [predictionsKey({ id: alone.run, model, day }, 0), fileOf([alone], [[...dry]])],
  ]);
  const read: string[] = [];
  const { columns, rows } = await chipRows(
    {
      ledger: { byState: async () => ({ rows: [a, alone, b] }) } as never,
      models: { load: async () => model } as never,
      newestRuns: undefined as never,
      predictedRuns: undefined as never,
      readResult: async (key) => {
        read.push(key);
        return files.get(key)!;
      },
    },
    chipsQuery.parse({}),
  );
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [scene, predicted, probability] = ['scene', 'predicted', 'probability'].map(at) as [number, number, number];
  const chips = (await Array.fromAsync(rows)).flat();
  assert.deepEqual(
    chips.map((row) => `${row[scene]} ${row[predicted]} ${row[probability]}`),
    ['a wet 0.75', 'a wet 0.875', 'b dry 0.75', 'c dry 0.75'],
  );
  assert.deepEqual(read, [...files.keys()]);
});
