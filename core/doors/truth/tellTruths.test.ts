import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf, partOf, predict } from '../../../test/benches/predictions.ts';
import { predictionsKey } from '../../base/keys.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { FOOTPRINT_NUMBERS } from '../../scenes/raster/footprint.ts';
import { makeTellTruths, type TruthPorts } from './tellTruths.ts';
import { toTruth } from './truth.ts';

const AT = '2026-03-02T10:00:00.000Z';

type Named = Readonly<Record<string, readonly string[]>>;

/** A scene that two versions have cut into chips in a row, of so many pixels each, and what is kept of its truths. */
function cutInto(sides: Readonly<Record<string, number>>, names: Named = {}, compared?: readonly string[]) {
  const modelIn = (version: string): ModelPackage => {
    const model = modelOf((names[version] ?? ['a', 'b']).map((name, value) => ({ name, value })));
    const truthLater = { column: { name: 'true_pixels', type: 'STRING' }, isOfPixels: true } as const;
    const task = compared === undefined ? model.task : { ...model.task, truthLater };
    return { ...model, version, task };
  };
  const results = new Map<string, Uint8Array>();
  const rows = Object.entries(sides).map(([version, side]) => {
    const run = { id: version.repeat(6), model: { name: 'model', version }, day: '2026-03-02' };
    const chips = Int32Array.from({ length: 3 }, (_, chip) => chip);
    const of = (value: (chip: number) => number) => chips.map(value);
    const window = { x: of((chip) => chip * side), y: of(() => 0), width: of(() => side), height: of(() => side) };
    const unplaced = (numbers: number) => new Float64Array(3 * numbers).fill(Number.NaN);
    const placed = { ...window, footprint: unplaced(FOOTPRINT_NUMBERS), hectares: unplaced(1) };
    const part = partOf(3, { window: placed });
    const model = modelIn(version);
    const origin = { run: run.id, digest: 'd', scene: 's.tif' };
    results.set(
      predictionsKey(run, 0),
      predict(
        model,
        [...chips].fill(0).map(() => model.classes.map((_, i) => Number(i === 0))),
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
    models: { load: async ({ version }: { version: string }) => modelIn(version) },
    readResult: async (key: string) => results.get(key),
    objects: {
      readVersion: async (key: string) => {
        written.push(key);
        throw new Error('it is written');
      },
    },
    now: () => new Date(AT),
    readMask: (_: LedgerRow, { classes }: ModelPackage) => ({
      read: async () => ({ truth: compared!.filter((pair) => Number(pair[0]) < classes.length).join(' ') }),
      close: async () => {},
    }),
  } as unknown as TruthPorts;
  const tell = (index: number, model: string | null, truth: string | number = 'a') =>
    makeTellTruths(ports)([toTruth({ scene: 's.tif', index, truth }, AT, 'line 2')], model);
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

describe('a truth by the value of a class', () => {
  const sides = { '1.0.0': 32, '2.0.0': 32 };
  const [named, moved] = [
    ['water', 'forest', 'fields'],
    ['fields', 'water', 'forest'],
  ];
  const more = ['water', 'forest', 'fields', 'snow'];
  for (const [title, names, truth, says, compared] of [
    ['a number', [named, moved], 1, /^line 2: the truth 1 of the chip 1 of “s\.tif” is (forest|water) for model\/\d/],
    [
      'a text',
      [named, moved],
      '2',
      /allowed is the name of its class, or the truth of one .* "swath truth --model model/,
    ],
    [
      'a mask',
      [named, moved],
      'mask.tif',
      /the truth 2 of .*, allowed is the truth of one of them: /,
      ['2/2:3', '0/1:4'],
    ],
  ] as const)
    test(`is refused where it is another class for two versions, as ${title}, and nothing is written`, async () => {
      const { tell, written } = cutInto(sides, { '1.0.0': names[0]!, '2.0.0': names[1]! }, compared);
      for (const model of [null, 'model'])
        await assert.rejects(tell(1, model, truth), { name: 'InvalidMessage', message: says });
      assert.deepEqual(written, []);
    });

  for (const [title, names, truth, model, compared] of [
    ['is joined to that of the version that it names', [named, moved], 1, 'model/2.0.0'],
    ['is joined to both where it is stated by the name of the class', [named, moved], 'Water', null],
    ['is joined to both where it is the same class', [named, more], 1, null],
    [
      'is joined to both where one does not have a class of the mask',
      [named, more],
      'mask.tif',
      null,
      ['2/2:3', '3/1:4'],
    ],
  ] as const)
    test(title, async () => {
      const { tell, written } = cutInto(sides, { '1.0.0': names[0]!, '2.0.0': names[1]! }, compared);
      await assert.rejects(tell(1, model, truth), /it is written/);
      assert.ok(written.length > 0);
    });
});
