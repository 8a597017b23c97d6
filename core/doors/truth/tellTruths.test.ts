import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf, partOf, predict } from '../../../test/benches/predictions.ts';
import { predictionsKey } from '../../base/keys.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { FOOTPRINT_NUMBERS } from '../../scenes/raster/footprint.ts';
import { makeTellTruths, type TruthPorts } from './tellTruths.ts';
import { toTruth } from './truth.ts';

const CLASSES = ['a', 'b'].map((name, value) => ({ name, value }));
const AT = '2026-03-02T10:00:00.000Z';

/** A scene that two versions have cut into chips in a row, of so many pixels each, and what is kept of its truths. */
function cutInto(sides: Readonly<Record<string, number>>) {
  const results = new Map<string, Uint8Array>();
  const rows = Object.entries(sides).map(([version, side]) => {
    const run = { id: version.repeat(6), model: { name: 'model', version }, day: '2026-03-02' };
    const chips = Int32Array.from({ length: 3 }, (_, chip) => chip);
    const of = (value: (chip: number) => number) => chips.map(value);
    const window = { x: of((chip) => chip * side), y: of(() => 0), width: of(() => side), height: of(() => side) };
    const unplaced = (numbers: number) => new Float64Array(3 * numbers).fill(Number.NaN);
    const placed = { ...window, footprint: unplaced(FOOTPRINT_NUMBERS), hectares: unplaced(1) };
    const part = partOf(3, { window: placed });
    const model = { ...modelOf(CLASSES), version };
    const origin = { run: run.id, digest: 'd', scene: 's.tif' };
    results.set(
      predictionsKey(run, 0),
      predict(
        model,
        [...chips].fill(0).map(() => [0.9, 0.1]),
        origin,
        part,
      ).bytes,
    );
    return {
      run: run.id,
      ...run,
      state: 'DONE',
      parts: 1,
      digest: 'd',
      scene: { key: 's.tif' },
    } as unknown as LedgerRow;
  });
  const written: string[] = [];
  const ports = {
    ledger: { ofScene: async () => rows },
    findObject: async () => ({ versionId: '1' }),
    inboxBucket: 'inbox',
    resultsBucket: 'results',
    models: { load: async ({ version }: { version: string }) => ({ ...modelOf(CLASSES), version }) },
    readResult: async (key: string) => results.get(key),
    objects: {
      readVersion: async (key: string) => {
        written.push(key);
        throw new Error('it is written');
      },
    },
    now: () => new Date(AT),
  } as unknown as TruthPorts;
  const tell = (index: number, model: string | null) =>
    makeTellTruths(ports)([toTruth({ scene: 's.tif', index, truth: 'a' }, AT, 'line 2')], model);
  return { tell, written };
}

test('a truth by index is refused where two versions cut the scene into other chips, and nothing is written', async () => {
  const { tell, written } = cutInto({ '1.0.0': 32, '2.0.0': 64 });
  for (const model of [null, 'model'])
    await assert.rejects(tell(1, model), {
      name: 'InvalidMessage',
      message:
        'line 2: the chip 1 of “s.tif” is other ground for model/1.0.0 than for model/2.0.0, allowed is the truth of one of them: "swath truth --model model/2.0.0".',
    });
  assert.deepEqual(written, []);
});

test('a truth by index is joined to the predictions of the version that it names', async () => {
  const { tell, written } = cutInto({ '1.0.0': 32, '2.0.0': 64 });
  await assert.rejects(tell(1, 'model/2.0.0'), /it is written/);
  assert.equal(written.length, 1);
  assert.match(written[0]!, /version=2\.0\.0/);
});

test('a truth by index is joined to the predictions of all versions that cut the scene alike', async () => {
  const { tell, written } = cutInto({ '1.0.0': 32, '2.0.0': 32 });
  await assert.rejects(tell(1, null), /it is written/);
  assert.equal(written.length > 0, true);
});
