import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { clusteringOfPredictions } from '../measures/scenesOfChips.ts';
import { seasonsOf } from '../measures/seasonsOfScenes.ts';
import type { ModelPackage } from '../package/package.ts';
import { parseSeasons } from '../package/seasons.ts';
import { inRow } from '../tasks/stored.ts';
import { gradualDrift } from './gradualDrift.ts';
import { inSeason, monthsOf } from './inSeason.ts';
import { addTotals, totalsOfRun } from './totals.ts';
import { judgeDrift, sharesOf } from './window.ts';

/**
 * One place on the 40 dates of two and a half years on which at least half of it is clear: of its squares of 10 x 10 pixels with at most a fifth under
 * clouds, how many have a mean NDVI below 0.25, 0.45 and 0.6, and above. From eo-learn's example data (Sentinel-2, of sentinel-hub/eo-learn at
 * 303e758, MIT), by numpy.
 */
const TABLE = `
  2015-07-11 0 0 1 99; 2015-08-30 0 0 0 100; 2015-09-09 0 0 1 99; 2015-12-18 2 73 25 0;
  2015-12-28 0 69 30 1; 2016-01-07 82 18 0 0; 2016-01-17 93 7 0 0; 2016-02-06 13 53 20 0;
  2016-05-06 0 0 44 53; 2016-05-16 0 1 48 27; 2016-05-26 0 0 0 100; 2016-06-05 0 0 3 69;
  2016-08-04 0 0 4 96; 2016-08-14 0 0 0 100; 2016-09-13 0 0 8 81; 2016-09-23 0 0 21 79;
  2016-12-12 1 79 20 0; 2017-01-01 0 67 30 3; 2017-01-11 35 61 4 0; 2017-02-20 79 0 0 0;
  2017-03-12 41 19 11 0; 2017-04-01 1 49 50 0; 2017-04-21 0 1 70 29; 2017-05-01 0 7 60 5;
  2017-05-21 0 0 2 98; 2017-06-20 0 0 3 97; 2017-07-05 0 0 7 93; 2017-07-10 0 0 4 96;
  2017-07-20 0 0 8 92; 2017-07-25 0 0 3 82; 2017-07-30 0 7 54 6; 2017-08-04 0 0 12 88;
  2017-08-24 0 0 4 96; 2017-08-29 0 0 4 96; 2017-09-28 0 14 41 35; 2017-10-08 0 0 58 42;
  2017-10-13 0 3 79 18; 2017-10-18 0 4 85 11; 2017-11-27 64 36 0 0; 2017-12-07 53 43 4 0;`;
const DATES = TABLE.split(';').flatMap((line) => {
  const [day, ...counts] = line.trim().split(' ');
  return day ? [{ day, counts: counts.map(Number) }] : [];
});
type Dates = typeof DATES;

const classes = [0, 1, 2, 3].map((value) => ({ name: `class_${value}`, value }));
const model = { ...modelOf(classes), unit: 'scene' as const };
const limits = { threshold: 0.25, minimum: 30, falseAlarmsPerYear: 4 };

/** A package whose reference is made of some dates, as `swath model profile` makes it. */
function packageOf(dates: Dates, isSeasonal = true): ModelPackage {
  const scenes = dates.map(({ counts }, scene) => {
    return { scene, size: counts.reduce((sum, count) => sum + count), sums: counts };
  });
  const reference = classes.map((_, k) => scenes.reduce((sum, { sums }) => sum + sums[k]!, 0));
  const clustering = clusteringOfPredictions(scenes, model.task)!;
  const json = seasonsOf(scenes, {}, (scene) => ({ month: monthOf(dates[scene]!.day), segments: {} }), model);
  const seasons = parseSeasons({ seasons: json }, (of) => model.task.parseReference(of, model));
  return { ...model, reference, clustering, ...(isSeasonal && seasons && { seasons }) };
}

const monthOf = (day: string) => Number(day.slice(5, 7));
const dayIn = (month: number) => `2018-${String(((month - 1) % 12) + 1).padStart(2, '0')}-10`;

function totalsOf({ counts }: Dates[number], day: string) {
  const chips = counts.reduce((sum, count) => sum + count);
  return totalsOfRun({ ...storedCounts([...counts]), chips, blank: 0, changed: `${day}T00:00:00.000Z` });
}

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
    assert.equal(expected({ by: 'tile', name: 'T33XXX' }), expected());
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
