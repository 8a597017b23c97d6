import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { onLand } from '../../test/benches/predictions.ts';
import { MODEL, startTestService } from '../../test/benches/service.ts';
import { areasSince, areasText } from './area.ts';

const { service, finish } = await startTestService();
const model = { ...(await service.models.load(MODEL)), segments: { sensor: ['S2?'] } };
const models = { ...service.models, load: async () => model };
/** The rows as of rasters, except of a file without a place and of one that clouds hide. */
async function* rowsOfDay(day: string): AsyncGenerator<LedgerRow> {
  for await (const row of service.ledger.rowsOfDay(day))
    if (row.scene.key === 'hidden') yield { ...row, chips: 1, blank: 0, masked: 1 };
    else yield row.scene.key === 'placeless' ? row : onLand(dated(row), 3077);
}
const acquired = { at: '2018-01-06T15:33:21.000Z', by: 'key' } as const;
const dated = (row: LedgerRow): LedgerRow => (row.scene.key === 'S2B_2' ? { ...row, acquired } : row);
/** A row of a scene that has no other time than a tag's, which may be that of its processing. */
const tagged = (row: LedgerRow): LedgerRow => ({
  ...row,
  scene: { ...row.scene, key: `${row.scene.key}_20171205` },
  acquired: { ...acquired, by: 'TIFFTAG_DATETIME' },
});
async function* taggedRows(day: string): AsyncGenerator<LedgerRow> {
  for await (const row of rowsOfDay(day)) yield tagged(row);
}
const areas = async (by?: string) =>
  areasSince({ ...service, models, ledger: { ...service.ledger, rowsOfDay } }, { since: '30d', ...(by && { by }) });

describe('swath area', () => {
  test('says that nothing was classified, and that mapped areas alone are biased', async () => {
    const none = await areas();
    const { model: id, areas: groups } = none;
    assert.deepEqual([id, groups.length, groups[0]!.hectares], ['droughtwatch-baseline/1.0.0', 1, 0]);
    assert.match(
      areasText(none),
      /^.*0 ha of 0 files whose land is known[\s\S]*biased where the model confuses classes/,
    );
  });

  test('corrects the areas of each class by the truths of the period, with intervals', async () => {
    await finish('S2A_1', [
      { class: 0, truth: 0 },
      { class: 0, truth: 0 },
      { class: 1, truth: 0 },
    ]);
    await finish('S2B_2', [{ class: 3 }]);
    await finish('placeless', [{ class: 3 }]);
    await finish('hidden', [{ class: 3 }]);
    const text = areasText(await areas()).replaceAll('\u00a0', ' ');
    assert.match(
      text,
      /12,308 ha of 2 files whose land is known.*; 1 file whose land is not, 1 wholly masked or blank are left out[\s\S]*Land is not known without a place/,
    );
    assert.match(text, /cows-0 +6,154 +9,231 +[\d,.]+ to [\d,.]+\n/);
    assert.match(text, /Corrected by 3 chips whose truth is known\./);
  });

  test('tells them by month, or by a name of swath:segments', async () => {
    const ofEach = async (by: string) => (await areas(by)).areas.map((one) => [one.by, Math.round(one.hectares)]);
    assert.deepEqual(await ofEach('sensor'), [
      ['S2A', 9231],
      ['S2B', 3077],
      ['no sensor', 0],
    ]);
    const [first, second] = (await areas('sensor')).areas;
    assert.deepEqual([first!.known, second!.known], [3, 0], 'each is corrected by its own chips');
    assert.deepEqual(await ofEach('month'), [
      ['2018-01', 3077],
      ['2026-03, of arrival', 9231],
    ]);
    const ofTagged = { ...service.ledger, rowsOfDay: taggedRows };
    const { areas: tags } = await areasSince({ ...service, models, ledger: ofTagged }, { since: '30d', by: 'month' });
    assert.deepEqual(
      tags.map((one) => one.by),
      ['2017-12'],
    );
    await assert.rejects(areas('tile'), /--by: found "tile", allowed are month, sensor\./);
  });

  test('has the land of files that no pattern of swath:segments tells apart in a group of its own', async () => {
    const ofOne = { ...service.models, load: async () => ({ ...model, segments: { sensor: ['S2A'] } }) };
    const found = await areasSince(
      { ...service, models: ofOne, ledger: { ...service.ledger, rowsOfDay } },
      { since: '30d', by: 'sensor' },
    );
    const all = found.areas.map(({ by, hectares, files, placeless, masked }) => [
      by,
      Math.round(hectares),
      files + placeless + masked,
    ]);
    assert.deepEqual(all, [
      ['S2A', 9231, 1],
      ['no sensor', 3077, 3],
    ]);
    assert.match(
      areasText(found).replaceAll('\u00a0', ' '),
      /no sensor: 3,077 ha of 1 file whose land is known.*; 1 file whose land is not, 1 wholly/,
    );
  });

  test('counts each chip whose truth is known by its land, so that what is known of all chips is true of the land', async () => {
    const fine = await finish('fine', [
      { class: 0, truth: 0 },
      { class: 0, truth: 0 },
      { class: 1, truth: 1 },
    ]);
    const coarse = await finish('coarse', [
      { class: 0, truth: 1 },
      { class: 1, truth: 1 },
      { class: 1, truth: 1 },
    ]);
    const placed = onLand(fine, 1);
    const uneven = { ...placed, summary: JSON.stringify({ ...JSON.parse(placed.summary!), placed: 2 }) };
    const blank = {
      ...coarse,
      scene: { ...coarse.scene, key: 'blank' },
      chips: 3,
      blank: 3,
      summary: '{"counts":[0,0,0,0],"missing":0,"probabilitySum":0}',
    };
    const two = async function* (day: string): AsyncGenerator<LedgerRow> {
      if (day === fine.day) yield* [uneven, onLand(coarse, 36), blank];
    };
    const found = await areasSince(
      { ...service, models, ledger: { ...service.ledger, rowsOfDay: two } },
      { since: '30d' },
    );
    const [group] = found.areas;
    assert.deepEqual(
      group!.classes.slice(0, 2).map(({ mapped, corrected }) => [mapped, Math.round(corrected!.area)]),
      [
        [38, 2],
        [73, 109],
      ],
    );
    assert.deepEqual([group!.known, group!.files, group!.placeless, group!.masked, group!.landless], [6, 2, 0, 1, 1]);
    assert.match(
      areasText(found),
      /; 1 more of their chips, 1 wholly masked or blank are left out[\s\S]*Land is not known without a place/,
    );
  });
});
