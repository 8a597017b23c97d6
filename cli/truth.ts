import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { InvalidMessage } from '../core/errors.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { makeMaskReader } from '../core/truth/maskReader.ts';
import { readTableOfTruths } from '../core/truth/tableOfTruths.ts';
import { type Joined, makeTellTruths } from '../core/truth/tellTruths.ts';
import { chipInWords } from '../core/truth/truth.ts';
import { WrongUse } from './failure.ts';
import { withService } from './ledger.ts';
import { openMask } from './openMask.ts';
import { checkTable } from './scene.ts';
import { bold, dim, pairs, printable } from './text.ts';
import { commandFor, type Where } from './where.ts';

type Options = Where & { model?: string };

/** Of so many chips that nobody has predicted it is told which they are; `--json` names all. */
const MOST_TOLD = 10;

/** `swath truth FILE`: joins what is true to what was predicted. */
export async function truth(file: string, { model, ...where }: Options): Promise<void> {
  checkTable(file);
  const bytes = readFileSync(file);
  await withService(where, async (service) => {
    const at = service.now().toISOString();
    const { truths, empty } = await orWrongUse(() => readTableOfTruths(basename(file), bytes, at));
    const readMask = makeMaskReader({ ...service, openMask: (path) => openMask(resolve(dirname(file), path)) });
    const tellTruths = makeTellTruths({ ...service, ...service.truth, readMask });
    const joined = await orWrongUse(() => tellTruths(truths, model ?? null));
    console.log(where.json === true ? jsonLine(toldAs(joined, truths.length, empty)) : shown(joined, empty, where));
    process.exitCode = joined.unknown.length > 0 ? 1 : 0;
  });
}

/** What is wrong with the file is for whoever has written it. */
async function orWrongUse<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidMessage) throw new WrongUse(error.message);
    throw error;
  }
}

function toldAs({ unknown, days, ...counts }: Joined, truths: number, empty: number) {
  return {
    ...{ truths, empty, ...counts },
    days: days.map(({ day, model: { name, version } }) => ({ day, model: name, version })),
    unknown: unknown.map(({ truth: { where, chip }, why }) => ({ where, chip: chipInWords(chip), why })),
  };
}

function shown({ joined, corrected, known, unknown, runs, days }: Joined, empty: number, where: Where): string {
  const lines: [string, string][] = [
    ['joined', `${joined} predictions of ${runs} run${runs === 1 ? '' : 's'}`],
    ['corrected', `${corrected} that had another truth before`],
    ['known', `${known} that had it already`],
    ['unknown', `${unknown.length} chips that nobody has predicted`],
    ...(empty > 0 ? [['empty', `${empty} rows without a truth`] as [string, string]] : []),
  ];
  const strange = unknown
    .slice(0, MOST_TOLD)
    .map(({ truth: { where: at, chip }, why }) => `  ${printable(`${at}: ${chipInWords(chip)}: ${why}`)}`);
  const more = unknown.length > MOST_TOLD ? [dim(`  and ${unknown.length - MOST_TOLD} more, which --json names`)] : [];
  const changed = days.map(({ day, model: { name, version } }) => `${day} (${name} ${version})`);
  const next =
    days.length === 0
      ? 'No number has changed.'
      : `The next sweep judges anew: ${changed.join(', ')}. Now: ${commandFor(where, 'sweep')}`;
  return [bold('truth'), pairs(lines), ...strange, ...more, dim(printable(next))].join('\n');
}
