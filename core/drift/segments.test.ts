import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { drawn } from '../../test/benches/draws.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import type { ModelPackage } from '../package/package.ts';
import { isDrifting, segmentsOfPackage, shownSegments, sumOf, withSegments } from './segments.ts';
import { datumsOf, judgeDrift } from './window.ts';

const SHARES = [0.4, 0.3, 0.2, 0.1];
const model: ModelPackage = {
  ...modelOf(SHARES.map((_, value) => ({ name: String(value), value }))),
  reference: SHARES.map((share) => share * 10_000),
  segments: { sensor: ['S2?', 'LC0?'], tile: ['T?????'] },
};
const limits = { threshold: 0.25, minimum: 1 };
const KEY = 'requests/0.json';

function runOf(key: string, counts: number[]) {
  const chips = counts.reduce((sum, count) => sum + count, 0);
  return { scene: { bucket: 'inbox' as const, key, versionId: 'v' }, chips, blank: 0, ...storedCounts(counts) };
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
});
