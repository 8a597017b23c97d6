import { percent } from '../base/text/numbers.ts';
import { printable } from '../base/text/printable.ts';
import type { Mover } from '../measures/expected.ts';
import { EXPECTED } from '../measures/expectedRegistry.ts';
import type { ModelPackage } from '../package/package.ts';
import { chipsIn } from '../tasks/registry.ts';
import { shownOf } from '../tasks/shownRegistry.ts';
import { inSeason } from './inSeason.ts';
import { isDrifting } from './segments.ts';
import { isPredicted, type Sums, type Totals, totalsOfRun } from './totals.ts';
import { type Judgement, sharesOf } from './window.ts';

/**
 * Says what moved a drifting window most: the class, with its shares; what the measures name, such as a source band; and for each
 * the file that contributed most. Nothing if neither the predictions nor the measures drift.
 * @param runs those of the window
 * @param fileOf looks up the name of a run's file
 */
export async function movers<Run extends { [Field in keyof Sums]?: Sums[Field] | undefined }>(
  judgement: Judgement,
  of: ModelPackage,
  runs: readonly Run[],
  fileOf: (run: Run) => Promise<string | undefined> | string,
): Promise<string[]> {
  if (judgement.drift === null || !isDrifting({ judgement })) return [];
  const model = inSeason(of, judgement);
  const predicted = runs.filter(isPredicted);
  const parts = [classMover(judgement, model), ...EXPECTED.flatMap(({ mover }) => mover(judgement, model) ?? [])];
  return Promise.all(
    parts.map(async ({ sentence, pull, there }) => {
      const most = furthest(predicted, (run) => pull(totalsOfRun(run)));
      const file = most && (await fileOf(most));
      if (most === undefined || file === undefined) return sentence;
      return `${sentence} The file ${printable(file)} contributed most: ${there(totalsOfRun(most))}.`;
    }),
  );
}

function classMover(judgement: Judgement, model: ModelPackage): Mover<Totals> {
  const task = model.task;
  const { one, isOfShares } = shownOf(model).words;
  const shares = sharesOf(judgement, model);
  const { name, share, reference } = furthest(shares, (of) => Math.abs(of.share - of.reference))!;
  const place = shares.findIndex((of) => of.name === name);
  const countIn = (run: Totals) => run.counts[place] ?? 0;
  return {
    sentence: `The ${one} that moved most is ${printable(name)}: from ${percent(reference)} of the reference to ${percent(share)}.`,
    pull: (run) => Math.sign(share - reference) * (countIn(run) - chipsIn(task, run) * reference),
    there: (run) => {
      const n = chipsIn(task, run);
      return `${percent(n === 0 ? 0 : countIn(run) / n)} of ${isOfShares ? 'its pixels' : `its ${n} predictions`}`;
    },
  };
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
