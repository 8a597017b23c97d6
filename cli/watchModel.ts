import { jsonLine } from '../core/jsonLine.ts';
import { originText, parseWatched } from '../core/models/origins/origin.ts';
import { watchAlias } from '../core/models/watchAlias.ts';
import { WrongUse } from './failure.ts';
import { withService } from './ledger.ts';
import { openOrigin } from './openOrigin.ts';
import { checkModel } from './publishModel.ts';
import { bold, dim, printable } from './text.ts';
import { commandFor, type Where } from './where.ts';

/** Exit codes of a look that has not come to a version that is published. */
const EXIT_CODES = { candidate: 0, unchanged: 0, unreachable: 1, refused: 2 };

/** `swath model watch mlflow:NAME@ALIAS`: what a sweep does where the parameter modelWatch names that alias, once and now. */
export async function watch(alias: string, where: Where): Promise<void> {
  const origin = parsed(alias);
  const from = originText(origin);
  const work = withService(
    where,
    ({ modelBucket: bucket, now }) =>
      // Whoever calls reads it here: a sweep that comes later does not tell of it again.
      watchAlias({ from, open: () => openOrigin(origin, where), bucket, checkModel, tell: async () => {}, stage: where.stage ?? null, now }),
    { mayBeNew: true },
  );
  const { outcome, said, candidate } = await work;
  process.exitCode = EXIT_CODES[outcome];
  if (where.json === true) {
    console.log(jsonLine({ from, outcome, said, ...candidate }));
    return;
  }
  if (candidate === null) console.error(`swath: ${printable(said)}`);
  else console.log(outcome === 'candidate' ? bold(printable(said)) : printable(said));
  if (outcome !== 'candidate' || candidate === null) return;
  const command = commandFor(where, `model promote ${candidate.name} ${candidate.version}`);
  console.log(dim(`To let it classify what comes from now on: ${command}`));
}

function parsed(alias: string) {
  try {
    return parseWatched(alias);
  } catch (error) {
    throw new WrongUse(`${(error as Error).message}.`);
  }
}
