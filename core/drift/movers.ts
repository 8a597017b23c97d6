import { percent } from '../base/text/percent.ts';
import { printable } from '../base/text/printable.ts';
import { judgedBins } from '../measures/bands/measureBands.ts';
import type { ModelPackage } from '../package/package.ts';
import { jensenShannonDistance } from '../statistics/jensenShannon.ts';
import { chipsIn } from '../tasks/registry.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import { isPredicted, type Totals, totalsOfRun } from './totals.ts';
import { type Judgement, sharesOf } from './window.ts';

type Sums = Parameters<typeof totalsOfRun>[0];
type Row = { [Field in keyof Sums]?: Sums[Field] | undefined };

/**
 * Says what moved a drifting window most: the class, with its shares; the source band, if bands are watched; and for each the
 * file that contributed most. Nothing if neither the predictions nor a band drift.
 *
 * @param runs those of the window
 * @param fileOf looks up the name of a run's file
 */
export async function movers<Run extends Row>(
  judgement: Judgement,
  model: ModelPackage,
  runs: readonly Run[],
  fileOf: (run: Run) => Promise<string | undefined> | string,
): Promise<string[]> {
  const { drift, bandDrift = [] } = judgement;
  if (drift === null || ![drift, ...bandDrift].some(({ verdict }) => verdict === 'drift')) return [];
  const predicted = runs.filter(isPredicted);
  const parts = [classMover(judgement, model), ...bandMover(judgement, model)];
  return Promise.all(
    parts.map(async ({ sentence, pull, there }) => {
      const most = furthest(predicted, (run) => pull(totalsOfRun(run)));
      const file = most && (await fileOf(most));
      if (most === undefined || file === undefined) return sentence;
      return `${sentence} The file ${printable(file)} contributed most: ${there(totalsOfRun(most))}.`;
    }),
  );
}

type Mover = {
  sentence: string;
  /** How far a run moves the window in that direction, by its number of chips and their distance. */
  pull: (run: Totals) => number;
  /** The run's own number. */
  there: (run: Totals) => string;
};

function classMover(judgement: Judgement, model: ModelPackage): Mover {
  const task = model.task;
  const { one, isOfShares } = shownOf(model).words;
  const shares = sharesOf(judgement, model);
  const { name, share, reference } = furthest(shares, (of) => Math.abs(of.share - of.reference))!;
  const place = shares.findIndex((of) => of.name === name);
  const countIn = (run: Totals) => task.counts(run)[place] ?? 0;
  return {
    sentence: `The ${one} that moved most is ${printable(name)}: from ${percent(reference)} of the reference to ${percent(share)}.`,
    pull: (run) => Math.sign(share - reference) * (countIn(run) - chipsIn(task, run) * reference),
    there: (run) => {
      const n = chipsIn(task, run);
      return `${percent(n === 0 ? 0 : countIn(run) / n)} of ${isOfShares ? 'its pixels' : `its ${n} predictions`}`;
    },
  };
}

function bandMover({ bandDrift = [] }: Judgement, { profile = [] }: ModelPackage): Mover[] {
  const most = furthest(bandDrift, ({ jensenShannon }) => jensenShannon ?? -1);
  const place = profile.findIndex(({ name }) => name === most?.band);
  if (most === undefined || most.jensenShannon === null || place === -1) return [];
  const reference = judgedBins([0, ...profile[place]!.counts, 0]);
  const distanceOf = ({ bands }: Totals) =>
    bands?.[place]?.chips ? jensenShannonDistance(judgedBins(bands[place].counts), reference) : 0;
  return [
    {
      sentence: `The source band that moved most is ${printable(most.band)}: ${most.jensenShannon.toFixed(3)} away from its profile.`,
      pull: (run) => (run.bands?.[place]?.chips ?? 0) * distanceOf(run),
      there: (run) => `${distanceOf(run).toFixed(3)} away`,
    },
  ];
}

/** Returns the first of the largest; a day's runs are too many to keep the sums of all. */
function furthest<T>(all: readonly T[], size: (one: T) => number): T | undefined {
  let found: { one: T; size: number } | undefined;
  for (const one of all) {
    const own = size(one);
    if (found === undefined || own > found.size) found = { one, size: own };
  }
  return found?.one;
}
