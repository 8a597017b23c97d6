import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { cogOf, cogSpec } from '../../../test/maps/cogOf.ts';
import type { RasterWindow } from '../../arrays/dataTypes.ts';
import { ObjectNotFound } from '../../base/errors.ts';
import { mapKey, masksKey, shadowPiecesKey } from '../../base/keys.ts';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import type { ModelPackage } from '../../package/package.ts';
import { encodePieces, packPiece } from '../../results/maps/pieces.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import type { Pair } from './compareVersions.ts';
import { compareMaps, haveMaps } from './mapPairs.ts';

const map = { maps: ['predictions'] } as unknown as LedgerRow;
const pieces = { pieces: true } as unknown as LedgerRow;
const neither = { maps: ['scores'] } as unknown as LedgerRow;

test('a map is compared with another map or with the pieces of a shadow, and nothing else is', () => {
  const compared = [map, pieces, neither].map((one) => [map, pieces, neither].map((other) => haveMaps(one, other)));
  assert.deepEqual(compared, [
    [true, true, false],
    [true, false, false],
    [false, false, false],
  ]);
});

describe('the maps of two runs', async () => {
  const folder = new URL('../../../models/s2-scl/1.0.0/', import.meta.url);
  const model = await readModelPackage(async (name) => readFileSync(new URL(name, folder)));
  const [width, height] = [40, 30];
  const ofOnes = Uint8Array.from({ length: width * height }, () => 1);
  /** Differs from the other in the ten columns at the left of the upper twenty rows. */
  const ofTwos = ofOnes.map((one, i) => (i % width < 10 && i < 20 * width ? 2 : one));
  const windows = [
    { x: 0, y: 0, width: 20, height: 20 },
    { x: 5, y: 15, width: 10, height: 15 },
    { x: 10, y: 0, width: 30, height: 30 },
    null,
  ];
  const shares = [200 / 400, 25 / 150, 0].map((differing) => ({ differing, mask: undefined }));
  const found = [...shares, undefined];
  const pairs = windows.map((window, index) => {
    const first = { run: 'one', index, window, truth: index === 3 ? null : 'told' };
    return { first, second: { ...first, run: 'two', truth: null } };
  }) as Pair[];

  const rowOf = (run: string, more: object) =>
    ({
      run,
      model: { name: model.name, version: '1.0.0' },
      day: '2026-03-01',
      scene: { key: 'a.tif' },
      ...more,
    }) as LedgerRow;
  const mapped = { maps: ['predictions'] };

  const mapOf = (values: Uint8Array, across = width) =>
    cogOf(cogSpec(across, values.length / across), [values], { tileSize: 16 });

  function piecesOf(values: Uint8Array, y: number, rows: number): Uint8Array {
    const planes = [values.slice(y * width, (y + rows) * width)];
    return encodePieces([packPiece({ x: 0, y, width, height: rows, planes })]);
  }

  /** Whose layers nobody may ask for. */
  const other = { ...model, task: { ...model.task, layers: () => assert.fail() } };

  async function compare(
    rows: readonly [LedgerRow, LedgerRow],
    results: Record<string, Uint8Array>,
    models: readonly [ModelPackage, ModelPackage] = [other, other],
  ) {
    const readResult = async (key: string) => {
      if (results[key]) return results[key];
      assert.match(key, /^masks\//);
      throw new ObjectNotFound(key);
    };
    const openResult = async (key: string) => {
      const bytes = await readResult(key);
      const range = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
      return { size: bytes.length, range, chunks: () => assert.fail() };
    };
    const sums = [0, 0];
    const addPixels = (ones: ArrayLike<number>, others: ArrayLike<number>, differs: Uint8Array) => {
      for (let i = 0; i < differs.length; i += 1) {
        sums[0]! += ones[i]!;
        sums[1]! += others[i]!;
        differs[i] = Number(ones[i] !== others[i]);
      }
    };
    const found = await compareMaps({ openResult: openResult as never, readResult }, rows, models, addPixels, pairs);
    return { found, sums };
  }
  const keyOf = (row: LedgerRow) => mapKey({ id: row.run, model: row.model, day: row.day! }, 'predictions');

  test('are compared pixel by pixel, and the share that differs is told for each chip', async () => {
    const rows = [rowOf('one', mapped), rowOf('two', mapped)] as const;
    const results = { [keyOf(rows[0])]: await mapOf(ofOnes), [keyOf(rows[1])]: await mapOf(ofTwos) };
    assert.deepEqual(await compare(rows, results), { found, sums: [1200, 1400] });
  });

  test('are not compared where they differ in size', async () => {
    const rows = [rowOf('one', mapped), rowOf('two', mapped)] as const;
    for (const across of [60, 20]) {
      const results = { [keyOf(rows[0])]: await mapOf(ofOnes), [keyOf(rows[1])]: await mapOf(ofTwos, across) };
      await assert.rejects(compare(rows, results), {
        name: 'RangeError',
        message: `a.tif: found maps of 40 × 30 and of ${across} × ${1200 / across} pixels, allowed are maps of one size`,
      });
    }
  });

  for (const isFirst of [false, true])
    test(`are a map and the pixels of a shadow, which is the ${isFirst ? 'first' : 'second'}`, async () => {
      const [row, shadow] = [rowOf('one', mapped), rowOf('two', { pieces: true, parts: 2 })];
      const results = {
        [keyOf(row)]: await mapOf(ofOnes),
        [shadowPiecesKey('two', 0)]: piecesOf(ofTwos, 0, 18),
        [shadowPiecesKey('two', 1)]: piecesOf(ofTwos, 18, 12),
      };
      const rows = isFirst ? ([shadow, row] as const) : ([row, shadow] as const);
      const models = isFirst ? ([model, other] as const) : ([other, model] as const);
      assert.deepEqual(await compare(rows, results, models), { found, sums: isFirst ? [1400, 1200] : [1200, 1400] });
    });

  /** Of the upper left chip, whose five columns at the left nobody knows; and of two in the other one, which its map lacks. */
  const masksOf = (truths: readonly (readonly [index: number, window: RasterWindow, of: (x: number) => number])[]) =>
    encodePieces(
      truths.map(([index, window, of]) => {
        const values = Uint8Array.from({ length: window.width * window.height }, (_, i) => of(i % window.width));
        return packPiece({ ...window, planes: [values], told: { index, truth: 'told', at: '' } });
      }),
    );
  const NODATA = 255;

  for (const [title, row, pieces] of [
    ['another map', rowOf('two', mapped), []],
    ['the pixels of a shadow', rowOf('two', { pieces: true, parts: 2 }), [0, 1]],
  ] as const)
    test(`are both compared with the masks of truth of the first: a map and ${title}`, async () => {
      const rows = [rowOf('one', mapped), row] as const;
      const [first, , third] = windows;
      const masks = masksOf([
        [0, first!, (x) => (x < 5 ? NODATA : 1)],
        [2, third!, () => 2],
        [1, { x: 0, y: 20, width: 5, height: 10 }, () => NODATA],
        [3, { x: 0, y: 20, width: 5, height: 10 }, () => 1], // known, but not counted
      ]);
      const results = {
        [keyOf(rows[0])]: await mapOf(ofOnes),
        ...(pieces.length === 0 && { [keyOf(row)]: await mapOf(ofTwos) }),
        ...Object.fromEntries(
          pieces.map((part) => [
            shadowPiecesKey('two', part),
            part === 0 ? piecesOf(ofTwos, 0, 18) : piecesOf(ofTwos, 18, 12),
          ]),
        ),
        [masksKey({ id: 'one', model: rows[0].model, day: '2026-03-01' })]: masks,
      };
      const compared = await compare(rows, results, [model, model]);
      assert.deepEqual(
        compared.found.map((one) => one?.mask),
        [
          // Of 15 columns, the second has 5 of another class.
          { truths: ['1/1:300', '1/1:200 1/2:100'], wrong: [0, 1 / 3] },
          undefined,
          { truths: ['2/1:900', '2/1:900'], wrong: [1, 1] },
          undefined,
        ],
      );
    });

  test('are compared with a mask by the names of classes, and what one does not have is wrong', async () => {
    const rows = [rowOf('one', mapped), rowOf('two', mapped)] as const;
    const [one, two, ...more] = model.classes;
    const classes = [{ ...one!, value: 9 }, { ...two!, name: 'other' }, ...more];
    const nines = ofOnes.map((_, i) => (i % width < 10 ? 9 : NODATA));
    const [all] = [{ x: 0, y: 0, width: 20, height: 20 }];
    const results = {
      [keyOf(rows[0])]: await mapOf(ofOnes.map(() => one!.value)),
      [keyOf(rows[1])]: await mapOf(nines),
      [masksKey({ id: 'one', model: rows[0].model, day: '2026-03-01' })]: masksOf([
        [0, all, (x) => (x < 15 ? one!.value : two!.value)],
      ]),
    };
    const { found } = await compare(rows, results, [model, { ...model, classes }]);
    const ofFirst = `${one!.value}/${one!.value}:300 ${two!.value}/${one!.value}:100`;
    assert.deepEqual(found[0]!.mask, { truths: [ofFirst, '9/9:200'], wrong: [0.25, 0.5] });
  });
});
