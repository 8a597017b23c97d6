import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type Compared, compare } from './comparison.ts';
import type { Figure } from './figure.ts';
import { machineLine } from './machine.ts';
import type { BenchResult } from './suite.ts';
import { aligned, withUnit } from './tables.ts';

const HELP = `npm run bench:compare -- BEFORE.json AFTER.json

Compares two results of \`npm run bench -- --json\`, and points at what has become slower, larger or dearer by more than
the spreads of both allow.

Exit code: 0 when nothing has, 1 when something has, 2 on wrong use.`;

const resultSchema = z.looseObject({
  machine: z.looseObject({}),
  suites: z.array(z.looseObject({ figures: z.array(z.unknown()) })),
});

const [before, after] = readResults(process.argv.slice(2));
const found = compare(before, after);
const slower = found.filter(({ change }) => change === 'slower');
const [then, now] = [machineLine(before.machine), machineLine(after.machine)].map((line) =>
  line.replace(/; load .*/, ''),
);
if (then !== now) console.log(`THE MACHINES DIFFER:\n  ${then}\n  ${now}\n`);
if (before.isQuick || after.isQuick) console.log('Measured with --quick: that is none to judge by.\n');
console.log(aligned([['', 'before', 'after', 'by', ''], ...found.map(cellsOf)]));
const faster = found.filter(({ change }) => change === 'faster').length;
console.log(`\n${slower.length} slower, ${faster} faster, of ${found.length}.`);
process.exitCode = slower.length > 0 ? 1 : 0;

function cellsOf({ suite, name, before: old, after: young, change }: Compared): string[] {
  const percent =
    old && young && old.measured.median !== 0
      ? `${(100 * (young.measured.median / old.measured.median - 1)).toFixed(1)} %`
      : '';
  const told = { slower: '<== SLOWER', faster: 'faster', same: '', gone: 'not measured any more', new: 'new' }[change];
  return [`${suite}: ${name}`, textOf(old), textOf(young), percent, told];
}

function textOf(figure: Figure | undefined): string {
  return figure === undefined ? '' : withUnit(figure.measured, figure.unit);
}

function readResults(args: string[]): [BenchResult, BenchResult] {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    process.exit(0);
  }
  try {
    if (args.length !== 2) throw new Error(`found ${args.length} files, allowed are two.`);
    return args.map(readResult) as [BenchResult, BenchResult];
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

function readResult(path: string): BenchResult {
  const { success, data } = resultSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!success) throw new Error(`${path}: found no result, allowed is what npm run bench -- --json has printed.`);
  return data as unknown as BenchResult;
}
