import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DATES as ALL,
  chipsIn,
  limits,
  model,
  monthOf,
  packageOf,
  totalsOf,
} from '../../test/benches/onePatch/onePatch.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { seasonsOf } from '../measures/seasonsOfScenes.ts';
import type { BandProfile } from '../package/bandProfile.ts';
import type { ModelPackage } from '../package/package.ts';
import { parseSeasons } from '../package/seasons.ts';
import { inRow } from '../tasks/registry.ts';
import { gradualDrift } from './gradualDrift.ts';
import { inSeason, monthsOf } from './inSeason.ts';
import { addTotals, totalsOfRun } from './totals.ts';
import { judgeDrift, sharesOf } from './window.ts';

/** The dates on which at least half of the place is clear, by their clear squares. */
const DATES = ALL.map(({ day, clear }) => ({ day, counts: clear })).filter(({ counts }) => chipsIn(counts) >= 50);

const dayIn = (month: number) => `2018-${String(((month - 1) % 12) + 1).padStart(2, '0')}-10`;

/** How many windows of dates that follow each other drift, measured against the other dates, if they come so many months later. */
function drifting(size: number, monthsLater: number, isSeasonal: boolean) {
  let found = 0;
  for (let first = 0; first + size <= DATES.length; first += 1) {
    const own = DATES.slice(first, first + size);
    const others = DATES.filter((date) => !own.includes(date));
    const sums = own.map((date) => totalsOf(date, dayIn(monthOf(date.day) + monthsLater)));
    if (judgeDrift(sums.reduce(addTotals), packageOf(others, isSeasonal), limits).drift?.verdict === 'drift')
      found += 1;
  }
  return found;
}

describe('a reference that knows the season', () => {
  test('finds land that looks as it does half a year later, of which the whole reference has seen as much', () => {
    const found = [1, 3, 5].map((size) => [true, false].map((of) => drifting(size, 6, of)));
    assert.ok(
      found.every(([seasonal, whole]) => seasonal! >= 18 && whole! <= 3),
      JSON.stringify(found),
    );
  });

  test('finds no drift on a date as in other years', () => {
    const found = [1, 3, 5].map((size) => [true, false].map((of) => drifting(size, 0, of)));
    assert.ok(
      found.every(([seasonal, whole]) => seasonal! <= 1 && whole! <= 3),
      JSON.stringify(found),
    );
  });

  test('expects of a window what its months do, in their shares of its predictions', () => {
    const of = packageOf(DATES);
    const july = totalsOf(DATES[0]!, '2018-07-10');
    const three = addTotals(totalsOf(DATES[0]!, '2018-01-10'), addTotals(july, july));
    const shares = (month: number) => {
      const counts = of.seasons!.months[month]!.reference as number[];
      return counts.map((count) => count / counts.reduce((sum, one) => sum + one));
    };
    const expected = shares(1).map((share, k) => share / 3 + (2 * shares(7)[k]!) / 3);
    for (const [k, { reference }] of sharesOf(three, of).entries())
      assert.ok(Math.abs(reference - expected[k]!) < 1e-12, `${reference}, not ${expected[k]}`);
    const judged = judgeDrift(three, of, limits).drift!;
    assert.deepEqual(judged.season, [1, 7]);
    const { scenes } = inSeason(of, july).clustering!;
    assert.equal(scenes, of.seasons!.clustering!.scenes);
  });

  test('leaves months of which it does not say to the whole reference, and says so', () => {
    const of = packageOf(DATES);
    const { 7: _, ...months } = of.seasons!.months;
    const without = { ...of, seasons: { ...of.seasons!, months } };
    const july = totalsOf(DATES[0]!, '2018-07-10');
    assert.equal(judgeDrift(july, without, limits).drift!.season, undefined);
    assert.equal(inSeason(without, july), without);
    const both = addTotals(july, totalsOf(DATES[0]!, '2018-08-10'));
    assert.deepEqual(judgeDrift(both, without, limits).drift!.season, [8]);
    const { ofReference, ...alike } = inSeason(without, both).clustering!;
    assert.deepEqual(alike, of.clustering);
    assert.ok(ofReference! < alike.scenes && ofReference! > of.seasons!.months[8]!.scenes);
  });

  test('knows by how much more the means of a segment differ from scene to scene than those of all', () => {
    const tiles = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 'T33UUP' : 'T33UVP'));
    const means = tiles.map((tile, i) => 100 + (i % 4 < 2 ? 1 : -1) * (tile === 'T33UUP' ? 30 : 10));
    const scenes = tiles.map((_, scene) => ({ scene, size: 10, sums: [4, 3, 2, 1] }));
    const ofBand = scenes.map(({ scene, size }) => ({ scene, size, sums: [5, 5, size * means[scene]!] }));
    const about = (scene: number) => ({ month: undefined, segments: { tile: tiles[scene] } });
    const json = seasonsOf(scenes, { B4: { scenes: ofBand, valuesPerChip: 1 } }, about, model);
    const numbers = { mean: 100, deviation: 30, betweenChips: 20, valuesPerChip: 1, degreesOfFreedom: 3 };
    const profile: BandProfile[] = [
      { name: 'B4', source: 0, chips: 10, edges: [0, 100, 200], counts: [5, 5], ...numbers },
    ];
    const seasons = parseSeasons({ seasons: json }, (of) => model.task.parseReference(of, model), profile)!;
    const all = { ...packageOf(DATES), profile, seasons };
    const wider = (segment?: { by: string; name: string }) =>
      inSeason(all, totalsOf(DATES[0]!, '2018-07-10'), segment).profile![0]!.wider;
    // Of 24 scenes, half are 30 away and half 10; the factor is of a standard deviation of 12, and of one of 24.
    const expected = (30 * Math.sqrt(12 / 11)) / Math.sqrt(((30 ** 2 + 10 ** 2) * 12) / 23);
    assert.ok(Math.abs(wider({ by: 'tile', name: 'T33UUP' })! - expected) < 1e-12);
    assert.equal(wider({ by: 'tile', name: 'T33UVP' }), 1); // never narrower: of few scenes, that would be chance
    assert.equal(wider(), undefined);
    // A band that is always 30 differs nowhere, however the parts of its sums are rounded.
    const constant = Array.from({ length: 24 }, (_, scene) => ({ scene, size: 7, sums: [7, 0, 7 * 30] }));
    const uneven = (scene: number) => ({ month: undefined, segments: { tile: tiles[scene < 7 ? 0 : 1] } });
    const told = JSON.stringify(seasonsOf(scenes, { B4: { scenes: constant, valuesPerChip: 1 } }, uneven, model));
    assert.doesNotMatch(told, /wider/);
  });

  test('compares a segment with itself, in its months where it has enough of them', () => {
    const tiles = DATES.map(({ day, counts }, i) => {
      const isBare = i % 2 === 1;
      return { day, tile: isBare ? 'T33UUP' : 'T33UVP', counts: isBare ? [90, 5, 3, 2] : counts };
    });
    const scenes = tiles.map(({ counts }, scene) => ({ scene, size: counts.reduce((a, b) => a + b), sums: counts }));
    const of = { ...packageOf(tiles), segments: { tile: ['T?????'] } };
    const about = (scene: number) => ({ month: monthOf(tiles[scene]!.day), segments: { tile: tiles[scene]!.tile } });
    const seasons = parseSeasons({ seasons: seasonsOf(scenes, {}, about, of) }, (json) =>
      model.task.parseReference(json, model),
    )!;
    assert.deepEqual(Object.keys(seasons.segments['tile']!), ['T33UUP', 'T33UVP']);
    const bare = addTotals(totalsOf(tiles[1]!, '2018-07-10'), totalsOf(tiles[1]!, '2018-07-11'));
    const expected = (segment?: { by: string; name: string }) => {
      const [counts] = [inSeason({ ...of, seasons }, bare, segment).reference as number[]];
      return counts[0]! / counts.reduce((sum, count) => sum + count);
    };
    assert.ok(Math.abs(expected({ by: 'tile', name: 'T33UUP' }) - 0.9) < 1e-9);
    assert.ok(expected({ by: 'tile', name: 'T33UVP' }) < 0.05);
    for (const [by, name] of [
      ['tile', 'T33XXX'],
      ['tile', 'constructor'],
      ['tile', '__proto__'],
      ['constructor', 'prototype'],
    ] as const)
      assert.equal(expected({ by, name }), expected(), `${by} ${name}`);
  });

  test('knows segments of chips whatever they are told apart by, also if all scenes have them', () => {
    const of = packageOf(DATES);
    const scenes = DATES.map(({ counts }, scene) => ({ scene, size: 100, sums: counts }));
    const ofChips = scenes.map((scene) => ({ ...scene, by: 'constructor', name: 'maize' }));
    const about = (scene: number) => ({ month: monthOf(DATES[scene]!.day), segments: {} });
    const { segments } = seasonsOf(scenes, {}, about, of, ofChips)!;
    assert.deepEqual(Object.keys(segments!), ['constructor']);
  });

  test('has no gradual drift where each day is as usual in its month', () => {
    const of = packageOf(DATES);
    const days = Array.from({ length: 40 }, (_, i) => {
      const day = new Date(Date.UTC(2018, 5, 1 + i)).toISOString().slice(0, 10);
      const usual = of.seasons!.months[monthOf(day)]!.reference as number[];
      return { day, judgement: judgeDrift(totalsOf({ day, counts: usual }, day), of, limits) };
    });
    const distance = (from: ModelPackage) =>
      gradualDrift({ first: [], days }, days.at(-1)!.day, from, limits)!.jensenShannon;
    assert.ok(distance(of) < 1e-6, `${distance(of)}`);
    assert.ok(distance(packageOf(DATES, false)) > 0.2, `${distance(packageOf(DATES, false))}`);
  });
});

describe("the month of a run's predictions", () => {
  for (const [key, month] of [
    ['S2B_MSIL2A_20260301T100031_T33UUP.tif', 3],
    ['LC08_L2SP_014032_20180715_20200831_02_T1/B5.TIF', 7],
    ['2026-11-09/scene.tif', 11],
    ['2026_01_31.tif', 1],
    ['20261231120000.tif', 12],
    ['tile_20261301.tif', 5],
    ['scene-123456789012.tif', 5],
    ['2026-0301.tif', 5],
  ] as const)
    test(`is that of the date in ${key}, or else of its end`, () => {
      assert.deepEqual(monthsOf(7, key, '2026-05-02T00:00:00.000Z'), { [month]: 7 });
    });

  test('is that in which its scene was acquired, if that is known', () => {
    const { summary } = inRow(model.task.summary.zero(model), model, 8);
    const counts = storedCounts([7, 0, 0, 0]);
    const dated = { summary: JSON.stringify({ ...JSON.parse(summary), ...JSON.parse(counts.summary) }) };
    const scene = { bucket: 'inbox', key: '20260301.tif', versionId: 'v1' };
    const [own, other] = [
      { ...dated, scene },
      { ...counts, scene },
    ].map((run) => totalsOfRun({ chips: 7, blank: 0, ...run }).months);
    assert.deepEqual([own, other], [{ 8: 7 }, { 3: 7 }]);
  });

  test('is none of a run without predictions', () => {
    assert.deepEqual(monthsOf(0, 'a.tif', '2026-05-02T00:00:00.000Z'), {});
  });
});
