import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { drawn, picked } from '../../test/benches/draws.ts';
import { modelOf, partOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import type { EndedRun } from '../ledger/ledgerItem.ts';
import type { ModelPackage } from '../package/package.ts';
import { countedSum, placed } from '../results/predictionColumns.ts';
import { inRow } from '../tasks/registry.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import {
  isDrifting,
  missedSegments,
  segmentsOfPackage,
  shownSegments,
  sumOf,
  withEnds,
  withSegments,
} from './segments.ts';
import { datumsOf, judgeDrift } from './window.ts';

const SHARES = [0.4, 0.3, 0.2, 0.1];
const model: ModelPackage = {
  ...modelOf(SHARES.map((_, value) => ({ name: String(value), value }))),
  reference: SHARES.map((share) => share * 10_000),
  segments: { sensor: ['S2?', 'LC0?'], tile: ['T?????'] },
};
const limits = { threshold: 0.25, minimum: 1 };
const KEY = 'requests/0.json';

function runOf(key: string, counts: number[], truths: Parameters<typeof storedCounts>[1] = {}) {
  const chips = counts.reduce((sum, count) => sum + count, 0);
  return { scene: { bucket: 'inbox' as const, key, versionId: 'v' }, chips, blank: 0, ...storedCounts(counts, truths) };
}

const namesOf = (rows: ReturnType<typeof runOf>[], of = model) =>
  segmentsOfPackage(rows, of, limits).map(({ by, name, runs }) => `${by} ${name} ${runs}`);

describe('the segments of a window', () => {
  const quiet = [40, 30, 20, 10];

  test('are told by the first part of a key that a pattern matches; files without such a part are in none', () => {
    const keys = [
      'a/S2A_MSIL2A_T33UUP.tif',
      'S2B-T33UUP.tif',
      'S2A.tif',
      'LC08_005009.tif',
      'XS2A_T33UUPQ.tif',
      'S2.tif',
    ];
    assert.deepEqual(namesOf(keys.map((key) => runOf(key, quiet))), [
      'sensor LC08 1',
      'sensor S2A 2',
      'sensor S2B 1',
      'tile T33UUP 2',
    ]);
    assert.deepEqual(namesOf([runOf('S2A.tif', quiet)], modelOf(model.classes)), []);
  });

  test('are doors as well, if there are others than files', () => {
    const rows = [runOf('S2A.tif', quiet), runOf(KEY, quiet)];
    const shown = (all: typeof rows) => shownSegments(all, model, limits).map(({ by, name }) => `${by} ${name}`);
    assert.deepEqual(shown(rows), ['door file', 'door queue', 'sensor S2A']);
    assert.deepEqual(shown(rows.slice(0, 1)), ['sensor S2A']);
  });

  test('have the verdict of the window where they have all of its predictions', () => {
    const few = [runOf('requests/1.json', [0, 2, 3, 3]), runOf('requests/2_S2A.json', [0, 0, 2, 2])];
    const rows = [...few, runOf('S2B.tif', [0, 0, 0, 0])];
    const window = judgeDrift(sumOf(rows, model), model, limits);
    assert.equal(window.drift?.verdict, 'not enough data');
    assert.ok(window.drift.jensenShannon > window.drift.noiseFloor);
    const byDoor = shownSegments(rows, model, limits).map(({ name, n, drift }) => [name, n, drift?.verdict]);
    assert.deepEqual(byDoor.slice(0, 2), [
      ['file', 0, undefined],
      ['queue', 12, 'not enough data'],
    ]);
    const others = shownSegments([...rows, runOf('b.tif', [4, 3, 2, 1])], model, limits);
    assert.equal(others.find(({ name }) => name === 'queue')?.drift?.verdict, 'drift');
  });

  test('raise the alarm of the window, if they drift', () => {
    const rows = [runOf('S2A.tif', [400, 300, 200, 100]), runOf('S2B.tif', [0, 0, 30, 70])];
    const window = judgeDrift(sumOf(rows, model), model, limits);
    assert.equal(window.drift?.verdict, 'no drift');
    const segments = segmentsOfPackage(rows, model, limits);
    assert.deepEqual(
      segments.filter(isDrifting).map(({ name }) => name),
      ['S2B'],
    );
    const own = datumsOf(window, model, model, 'recent');
    const published = withSegments(own, segments, model);
    const changed = published.filter(({ value }, i) => value !== own[i]!.value);
    assert.deepEqual(
      changed.map(({ metric, value }) => [metric, value]),
      [['Drift', segments[1]!.judgement.drift!.jensenShannon]],
    );
    assert.deepEqual(withSegments(own, segments.slice(0, 1), model), own);
  });

  for (const [what, own, ofDay, added] of [
    ['both scores, withheld', [], [], ['Drift', 'BandDrift']],
    ['the one that is withheld', [['Drift', 0.3]], [], ['BandDrift']],
    [
      'neither while the closed day drifts',
      [],
      [
        ['Drift', 0.3],
        ['BandDrift', 0.26],
      ],
      [],
    ],
    ['a score that the closed day has below the limit', [['Drift', 0.1]], [['BandDrift', 0.2]], ['BandDrift']],
  ] as const)
    test(`or an alarm ends by a 0: ${what}`, () => {
      const datums = (all: readonly (readonly [string, number])[]) =>
        all.map(([metric, value]) => ({ metric, value, dimensions: {} }));
      const ends = withEnds(datums(own), datums(ofDay), model, limits.threshold).slice(own.length);
      assert.deepEqual(
        ends.map(({ metric, value }) => [metric, value]),
        added.map((metric) => [metric, 0]),
      );
    });

  test('name one bad sensor in ten in at least 95 of 100 days of 300 chips, and rarely a good one', () => {
    const random = sfc32(4, 5, 6);
    let [named, wrong] = [0, 0];
    for (let day = 0; day < 200; day += 1) {
      const rows = Array.from({ length: 10 }, (_, i) =>
        runOf(`LC0${i}_x.tif`, drawn(i === 3 ? [0.05, 0.1, 0.25, 0.6] : SHARES, 30, random)),
      );
      const found = segmentsOfPackage(rows, model, limits).filter(isDrifting);
      if (found.some(({ name }) => name === 'LC03')) named += 1;
      wrong += found.filter(({ name }) => name !== 'LC03').length;
    }
    assert.ok(named >= 190, `${named} of 200`);
    assert.ok(wrong <= 4, `${wrong} wrong ones`);
  });

  test('name the one sensor in eight whose predictions are wrong more often in at least 95 of 100 days of alike chips, and rarely a good one', async () => {
    const random = sfc32(7, 8, 9);
    const expecting: ModelPackage = { ...model, unit: 'scene', expectedAccuracy: 0.9 };
    const scene = (key: string, accuracy: number) => {
      const share = accuracy + 0.1 * (random() - 0.5); // scenes differ more than their chips do by chance
      const right = drawn([share, 1 - share], 30, random)[0]!;
      return runOf(key, [30, 0, 0, 0], { truths: [30, 0, 0, 0], right: [right, 0, 0, 0] });
    };
    let [named, wrong] = [0, 0];
    for (let day = 0; day < 200; day += 1) {
      const rows = Array.from({ length: 64 }, (_, i) => scene(`LC0${i % 8}_${i}.tif`, i % 8 === 3 ? 0.55 : 0.9));
      const shown = shownSegments(rows, expecting, { ...limits, falseAlarmsPerYear: 4 });
      const missed = shown.filter(({ accuracy }) => (accuracy?.shortfall ?? 0) > 0).map(({ name }) => name);
      const alarmed = await missedSegments(ended(rows), expecting, { falseAlarmsPerYear: 4 });
      assert.deepEqual(alarmed.map(({ name }) => name).toSorted(), missed);
      if (missed.includes('LC03')) named += 1;
      wrong += missed.filter((name) => name !== 'LC03').length;
    }
    assert.ok(named >= 190, `${named} of 200`);
    assert.ok(wrong <= 2, `${wrong} wrong ones`);
  });

  describe('of chips, by a feature that is passed through,', () => {
    const crops = ['maize', 'wheat', 'rye'];
    const ofCrops: ModelPackage = {
      ...model,
      segments: {},
      unit: 'scene',
      expectedAccuracy: 0.9,
      carry: [{ name: 'crop', type: 'STRING' }],
      chipSegments: { crop: { column: 'crop', values: crops } },
    };
    /** A file of chips of all crops, and of one that the package does not name; a true class is predicted as often as each crop's accuracy says. */
    const fileOf = (key: string, accuracies: readonly number[], random: () => number, truths = true) => {
      const chips = [...crops, 'oats'].flatMap((crop, i) =>
        Array.from({ length: 15 }, () => {
          const truth = picked(SHARES, random);
          const isRight = random() < (accuracies[i] ?? 0);
          return { crop, truth, predicted: isRight ? truth : (truth + 1) % SHARES.length };
        }),
      );
      const part = partOf(chips.length, {
        truth: chips.map(({ truth }) => (truths ? truth : null)),
        carried: [{ name: 'crop', type: 'STRING', values: chips.map(({ crop }) => crop) }],
      });
      const rows = chips.map(({ predicted }) => SHARES.map((_, value) => (value === predicted ? 1 : 0)));
      const { values } = ofCrops.task.decode(rows.flat(), rows.length, ofCrops);
      const sum = countedSum(
        placed(part, values, ofCrops, () => ({ run: 'r', digest: 'd', scene: key })),
        ofCrops,
      );
      const scene = { bucket: 'inbox' as const, key, versionId: 'v' };
      return { row: { scene, chips: chips.length, blank: 0, ...inRow(sum, ofCrops) }, sum };
    };

    test('name the one crop whose predictions are wrong more often in at least 95 of 100 days, and rarely another one', () => {
      const random = sfc32(1, 5, 9);
      let [named, wrong] = [0, 0];
      for (let day = 0; day < 100; day += 1) {
        const rows = Array.from({ length: 12 }, (_, i) => fileOf(`${i}.csv`, [0.9, 0.6, 0.9], random).row);
        const missed = shownSegments(rows, ofCrops, limits).filter(({ accuracy }) => accuracy!.shortfall! > 0);
        if (missed.some(({ name }) => name === 'wheat')) named += 1;
        wrong += missed.filter(({ name }) => name !== 'wheat').length;
      }
      assert.ok(named >= 95, `${named} of 100`);
      assert.ok(wrong <= 2, `${wrong} wrong ones`);
    });

    test('are compared with what is usual of them, where the reference says so', () => {
      const random = sfc32(2, 4, 6);
      const rows = Array.from({ length: 12 }, (_, i) => fileOf(`2026-03-01_${i}.csv`, [1, 0, 1], random).row);
      const usual = { scenes: 50, reference: [100, 400, 300, 200], bands: [], months: {} };
      const seasons = { months: {}, segments: { crop: { wheat: usual } }, ofBands: [] };
      const drifting = (of: ModelPackage) =>
        segmentsOfPackage(rows, of, { ...limits, threshold: 0.15 })
          .filter(isDrifting)
          .map(({ name }) => name);
      const ofChips: ModelPackage = { ...ofCrops, unit: 'chip' };
      assert.deepEqual(drifting(ofChips), ['wheat']);
      assert.deepEqual(drifting({ ...ofChips, seasons }), []);
      const shown = shownSegments(rows, { ...ofChips, seasons }, limits);
      const references = shown.map(({ name, shares }) => [name, shares.map(({ reference }) => reference)]);
      const expected = crops.toSorted().map((crop) => [crop, crop === 'wheat' ? [0.1, 0.4, 0.3, 0.2] : SHARES]);
      assert.deepEqual(references, expected);
    });

    test('count the chips of the crops that the package names, in at most 200 bytes of a row; chips without truth have no accuracy', () => {
      const { row, sum } = fileOf('a.csv', [1, 1, 1], sfc32(3, 3, 3), false);
      const segments = shownSegments([row], ofCrops, limits);
      assert.deepEqual(
        segments.map(({ by, name, runs, chips, n, accuracy }) => [by, name, runs, chips, n, accuracy]),
        [...crops].sort().map((crop) => ['crop', crop, 1, 15, 15, null]),
      );
      const { segments: _, ...without } = sum;
      const bytes = row.summary.length - inRow(without, ofCrops).summary.length;
      assert.ok(bytes <= 200, `${bytes} bytes`);
    });
  });

  test('have the interval of their accuracy that a window of the same scenes has, and none without known truths', () => {
    const scene = (i: number, right: number) =>
      runOf(`S2A_${i}.tif`, [30, 0, 0, 0], { truths: [30, 0, 0, 0], right: [right, 0, 0, 0] });
    const rows = [scene(1, 30), scene(2, 20), scene(3, 25), runOf('S2B.tif', [30, 0, 0, 0])];
    const expecting: ModelPackage = { ...model, unit: 'scene', expectedAccuracy: 0.9 };
    const [own, other] = shownSegments(rows, expecting, limits);
    const { interval } = shownOf(expecting).accuracy(sumOf(rows, expecting), expecting)!;
    assert.deepEqual([own!.accuracy!.n, own!.accuracy!.share, own!.accuracy!.interval], [90, 75 / 90, interval]);
    assert.equal(other!.accuracy, null);
  });
});

async function* ended(rows: readonly ReturnType<typeof runOf>[]): AsyncGenerator<EndedRun> {
  const { name, version } = model;
  for (const row of rows)
    yield { ...row, run: row.scene.key, model: { name, version }, changed: '2026-03-01T10:00:00Z' };
}
