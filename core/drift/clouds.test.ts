import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { editedPackage, PROPERTIES, smallModel } from '../../test/benches/packages.ts';
import { modelOf, partOf } from '../../test/benches/predictions.ts';
import { SIDE } from '../../test/benches/sentinelChips.ts';
import { SCENE_LIMITS } from '../base/limits.ts';
import { bandsToProfile, makeProfiler } from '../measures/bands/makeProfile.ts';
import { lookAtChips } from '../measures/registry.ts';
import { clusteringOfScenes, scenesOfChips, sumsOfScenes } from '../measures/scenesOfChips.ts';
import { parseBandMeans, parseProfile } from '../package/bandProfile.ts';
import { type Chip, type ModelPackage, windowOf } from '../package/package.ts';
import { counted, placed } from '../results/predictionColumns.ts';
import { inOneChunk, rangesIn } from '../scenes/rangesIn.ts';
import { makeReadChips } from '../scenes/readChips.ts';
import { judgeDrift } from './window.ts';

/** What clouds do to the verdicts on a day, with the bundled Sentinel-2 scene and its real scene classes. */

const LIMITS = { threshold: 0.25, minimum: 1, falseAlarmsPerYear: 4 };
/** A chip's class is the range of its mean in the red band; limits are those of the chips without clouds. */
const RANGES = [0.2, 0.5, 0.8, 1];
const CLOUDY = 0.3;
const DAYS = 100;

const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
const stored = [...BANDS.map((name) => ({ name, data_type: 'uint16' })), { name: 'SCL', data_type: 'uint8' }];
const mask = { band: 'SCL', values: [3, 8, 9, 10], share: 0.2 };
const read = await editedPackage([...smallModel(stored, [SIDE, SIDE], BANDS), [`${PROPERTIES}/swath:mask`, mask]]);

const chips: Chip[] = [];
const assets = {
  all: { href: 's2-t29unu-60m-256.tif', bands: BANDS.map((name) => ({ name })) },
  SCL: { href: 's2-t29unu-60m-256-scl.tif' },
};
const item = Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', id: 'a', assets }));
const asset = async (href: string) => {
  const file = await readFile(new URL(`../../samples/sentinel-2/${href}`, import.meta.url));
  return { key: href, size: file.length, digest: async () => '1', range: rangesIn(file), close: () => {} };
};
const scene = { key: 'a.json', size: item.length, chunks: inOneChunk(item), range: rangesIn(item), asset };
await makeReadChips(read, SCENE_LIMITS)(scene, (chip) => void chips.push(chip));
const clear = chips.filter(({ masked }) => masked! <= mask.share);
const cloudy = chips.filter(({ masked }) => masked! > mask.share);

const meanOf = ({ planes }: Chip) => (planes[2] as Uint16Array).reduce((sum, value) => sum + value, 0);
const ordered = clear.map(meanOf).toSorted((a, b) => a - b);
const limits = RANGES.map((share) => ordered[Math.ceil(share * ordered.length) - 1]!);
const classOf = (chip: Chip) => {
  const found = limits.findIndex((limit) => meanOf(chip) <= limit);
  return found < 0 ? RANGES.length - 1 : found;
};
const oneOf = (own: number) => RANGES.map((_, k) => (k === own ? 1 : 0));

const { source } = read;
const { scenes } = scenesOfChips(clear.map(({ place }) => ({ file: 0, window: windowOf(place) })))!;
const profiler = makeProfiler({ source }, bandsToProfile({ source }));
for (const [index, chip] of clear.entries()) profiler.at({ ...chip, place: { ...chip.place, index } });
const blocks = { of: 'blocks' as const, scenes };
const json = { bands: profiler.profile(blocks), bandMeans: profiler.bandMeans(blocks) };
const profile = parseProfile(json, source.bands)!;
const withMask = {
  ...read,
  ...modelOf(RANGES.map((_, value) => ({ name: `range-${value}`, value }))),
  unit: 'scene',
  reference: RANGES.map((_, k) => clear.filter((chip) => classOf(chip) === k).length),
  clustering: clusteringOfScenes(
    sumsOfScenes(
      clear.map((chip) => oneOf(classOf(chip))),
      scenes,
    ),
    (used) => used - 1,
  )!,
  profile,
  bandMeans: parseBandMeans(json, profile)!,
} as ModelPackage;
const { mask: _, ...withoutMask } = withMask;

const windows = new Map(chips.map((chip) => [chip, windowOf(chip.place)!]));
/** The clear and the cloudy chips in the order of their distance from one of them, as soon as that was asked for. */
const orders = new Map<Chip, Chip[]>();

/** The chips that are nearest to one of them. */
function around(some: readonly Chip[], count: number, random: () => number): Chip[] {
  const middle = some[Math.floor(random() * some.length)]!;
  const order = orders.get(middle) ?? inOrder(some, middle);
  orders.set(middle, order);
  return order.slice(0, count);
}

function inOrder(some: readonly Chip[], middle: Chip): Chip[] {
  const { x, y } = windows.get(middle)!;
  const distance = (chip: Chip) => {
    const window = windows.get(chip)!;
    return (window.x - x) ** 2 + (window.y - y) ** 2;
  };
  return some.toSorted((a, b) => distance(a) - distance(b));
}

const dayOf = (count: number, size: number, share: number, random: () => number): Chip[] =>
  Array.from({ length: count }, () => {
    const hidden = Math.round(share * size);
    return [...around(clear, size - hidden, random), ...around(cloudy, hidden, random)];
  }).flat();

/** The verdict on a day, by the ways that its chips go in the service. */
function isAlarmed(day: readonly Chip[], count: number, model: ModelPackage): boolean {
  const look = lookAtChips(model);
  for (const chip of day) look.at(chip, false);
  const shares = { name: 'masked', type: 'DOUBLE' as const, values: day.map(({ masked }) => masked!) };
  const outputs = day.flatMap((chip) => oneOf(classOf(chip)));
  const decoded = model.task.decode(outputs, day.length, model).values;
  const origin = { run: 'r', digest: 'd', scene: 's' };
  const predictions = placed(partOf(day.length, { carried: [shares] }), decoded, model, () => origin);
  const sum = model.task.summary.of(counted(predictions, model), model);
  const n = day.length - (look.sum().masked ?? 0);
  const { drift, bandDrift } = judgeDrift({ ...look.sum(), ...sum, sceneSquares: n ** 2 / count }, model, LIMITS);
  return [drift!, ...bandDrift!].some(({ verdict }) => verdict === 'drift');
}

for (const [count, size] of [
  [3, 49],
  [10, 49],
] as const)
  test(`days of ${count} scenes, of which 30 % of the chips lie under clouds, alarm without a mask and not with one`, () => {
    const random = sfc32(count, size, 7);
    const found = { clear: 0, cloudy: 0, masked: 0 };
    for (let day = 0; day < DAYS; day += 1) {
      if (isAlarmed(dayOf(count, size, 0, random), count, withoutMask)) found.clear += 1;
      const under = dayOf(count, size, CLOUDY, random);
      if (isAlarmed(under, count, withoutMask)) found.cloudy += 1;
      if (isAlarmed(under, count, withMask)) found.masked += 1;
    }
    assert.ok(found.cloudy >= 0.3 * DAYS && found.masked <= 0.02 * DAYS, JSON.stringify(found));
  });

test('a band that reads 20 % too low is found between the clouds', () => {
  const random = sfc32(10, 49, 8);
  const low = (chip: Chip) => ({
    ...chip,
    planes: chip.planes.map((plane, band) => (BANDS[band] === 'B8A' ? plane.map((value) => 0.8 * value) : plane)),
  });
  let found = 0;
  for (let day = 0; day < 100; day += 1)
    if (isAlarmed(dayOf(10, 49, CLOUDY, random).map(low), 10, withMask)) found += 1;
  assert.ok(found >= 95, String(found));
});
