import { judgedBins } from '../measures/bands/measureBands.ts';
import type { ModelPackage } from '../models/package.ts';
import { chipsIn } from '../tasks/chipsIn.ts';
import { taskOf } from '../tasks/registry.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import { percent } from '../text/percent.ts';
import { printable } from '../text/printable.ts';
import { jensenShannonDistance } from './statistics/jensenShannon.ts';
import { type Totals, totalsOfRun } from './totals.ts';
import { type Judgement, sharesOf } from './window.ts';

type Row = Parameters<typeof totalsOfRun>[0];

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
  const predicted = runs.filter(({ classes = [] }) => classes.length > 0).map((run) => ({ run, of: totalsOfRun(run) }));
  const parts = [classMover(judgement, model), ...bandMover(judgement, model)];
  return Promise.all(
    parts.map(async ({ sentence, pull, there }) => {
      const most = furthest(predicted, ({ of }) => pull(of));
      const file = most && (await fileOf(most.run));
      return file === undefined
        ? sentence
        : `${sentence} The file ${printable(file)} contributed most: ${there(most!.of)}.`;
    }),
  );
}

type Mover = {
  sentence: string;
  /** How far a run moves the window in that direction. These add up over the runs. */
  pull: (run: Totals) => number;
  /** The run's own number. */
  there: (run: Totals) => string;
};

function classMover(judgement: Judgement, model: ModelPackage): Mover {
  const task = taskOf(model);
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

function furthest<T>(all: readonly T[], size: (one: T) => number): T | undefined {
  return all.toSorted((a, b) => size(b) - size(a))[0];
}
