import { type Judgement, judgeDrift } from '../../core/drift/window.ts';
import { addBandSums, type BandSum } from '../../core/measures/bands/bandSum.ts';
import { bands } from '../../core/measures/bands/bands.ts';
import { makeProfiler } from '../../core/measures/bands/makeProfile.ts';
import { clusteringOfScenes, scenesOfChips, sumsOfScenes } from '../../core/measures/scenesOfChips.ts';
import { parseBandMeans, parseProfile } from '../../core/package/bandProfile.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { modelOf } from './predictions.ts';
import { sentinelChips, windowAt } from './sentinelChips.ts';

/** A stage whose scenes are squares of neighbouring chips from anywhere in a real tile, which is its reference: by construction nothing drifts. */

export const LIMITS = { threshold: 0.25, minimum: 1, falseAlarmsPerYear: 4 };
/** A chip's class is the range of its mean in the red band. */
const RANGES = [0.2, 0.5, 0.8, 1];

const { model: bundled, source, grid } = await sentinelChips();
const red = source.bands.findIndex(({ name }) => name === 'B04');
const means = grid.map(({ chip }) => [...(chip.planes[red]! as Float64Array)].reduce((sum, value) => sum + value, 0));
const ordered = means.toSorted((a, b) => a - b);
const limits = RANGES.map((share) => ordered[Math.ceil(share * ordered.length) - 1]!);
const classOf = means.map((mean) => limits.findIndex((limit) => mean <= limit));
const countsOf = (classes: readonly number[]) => RANGES.map((_, k) => classes.filter((one) => one === k).length);

const { scenes } = scenesOfChips(grid.map(({ x, y }) => ({ file: 0, window: windowAt(x, y) })))!;
const all = { of: 'blocks' as const, scenes };
const profiler = makeProfiler(
  { source },
  source.bands.map(({ name }) => name),
);
for (const { chip } of grid) profiler.at(chip);
const json = { bands: profiler.profile(all), bandMeans: profiler.bandMeans(all) };
const profile = parseProfile(json, source.bands)!;
const clustering = clusteringOfScenes(
  sumsOfScenes(
    classOf.map((own) => RANGES.map((_, k) => (k === own ? 1 : 0))),
    scenes,
  ),
  (used) => used - 1,
)!;
export const model = {
  ...bundled,
  ...modelOf(RANGES.map((_, value) => ({ name: `range-${value}`, value }))),
  source,
  unit: 'scene',
  reference: countsOf(classOf),
  clustering,
  profile,
  bandMeans: parseBandMeans(json, profile)!,
} as ModelPackage;

const chipsAt = new Map(
  grid.map(({ x, y, chip }, i) => {
    const look = bands.look(model);
    look.at(chip, false);
    return [`${x} ${y}`, { own: classOf[i]!, sums: look.sum().bands! }];
  }),
);

/** A day with squares of neighbouring chips from anywhere in the tile. */
export function quietDay(count: number, side: number, random: () => number): Judgement {
  const found: { own: number; sums: BandSum[] }[] = [];
  for (let scene = 0; scene < count; scene += 1) {
    const [left, top] = [random(), random()].map((at) => Math.floor(at * (64 - side + 1)));
    for (let i = 0; i < side ** 2; i += 1)
      found.push(...[chipsAt.get(`${left! + (i % side)} ${top! + Math.floor(i / side)}`) ?? []].flat());
  }
  const chips = found.length;
  const sums = found.map((one) => one.sums).reduce((a, b) => a.map((sum, i) => addBandSums(sum, b[i]!)));
  const counts = countsOf(found.map(({ own }) => own));
  const totals = {
    ...model.task.summary.zero(model),
    counts,
    sceneSquares: chips ** 2 / count,
    chips,
    blank: 0,
    bands: sums,
  };
  return judgeDrift(totals, model, LIMITS);
}
