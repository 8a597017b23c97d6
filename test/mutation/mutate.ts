import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { exitCodeOf, sentenceOf, showProgress, WrongUse } from '../../cli/terminal/output.ts';
import { makeSearchOptions } from '../searchOptions.ts';
import { MODULES } from './modules.ts';
import { percentOf, type Score, type Survivor, tryMutants } from './tryMutants.ts';

const { read, wholeNumber } = makeSearchOptions('mutate');

/** `npm run mutate`: changes the meaning of sources in small ways, and says which changes no test notices. */

const HELP = `npm run mutate -- [--modules ${Object.keys(MODULES).join(',')}] [--sample 40] [--seed 1]
                   [--files settle.ts] [--again result.json] [--least 85] [--at-once 2] [--json]

Makes one small change at a time: a condition that is always true, or never; a boundary moved by one; an operand, a default,
a property, a statement or a step of a chain left out; a number one off; a clause of a table's condition that always holds.
Then the tests run that come to its place, and stop at the first that fails. A change that none of them notices survives.
What a log line has is left as it is. Either a test is missing for one that survives, or it changes nothing that anybody could notice.

  --modules   which ones (default: all)
  --sample    at most so many changes of each module, chosen by the seed (default 40, with which all modules take an hour at
              most; all: every change, which takes hours)
  --seed      a whole number (default 1)
  --files     only changes of sources whose path has this in it
  --again     only those that survived in a result of --json
  --least     the score that each module must have, in percent (default 85)
  --at-once   so many processes (default: a core each, at most 2)
  --json      prints the result as JSON

The score is the share of the changes that were noticed. Exit code 0: each module has its score. 1: one has
not. 2: the command was wrong.`;

const LOG_SECONDS = 60;

type Result = { seed: number; modules: (Score & { module: string; score: number; seconds: number })[] };

try {
  process.exitCode = await main();
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = exitCodeOf(error);
}

async function main(): Promise<number> {
  const values = readOptions();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const names = values.modules?.split(',') ?? Object.keys(MODULES);
  for (const name of names)
    if (MODULES[name] === undefined)
      throw new WrongUse(
        `--modules: found ${JSON.stringify(name)}, allowed are ${Object.keys(MODULES).join(', ')}. See npm run mutate -- --help.`,
      );
  const least = wholeNumber('--least', values.least, 0);
  const again = values.again === undefined ? undefined : readSurvivors(values.again);
  const options = {
    sample: values.sample === 'all' ? Number.POSITIVE_INFINITY : wholeNumber('--sample', values.sample, 1),
    seed: wholeNumber('--seed', values.seed, 0),
    atOnce: wholeNumber('--at-once', values['at-once'] ?? String(Math.min(2, availableParallelism())), 1),
    isMeant: (one: Survivor) =>
      one.file.includes(values.files ?? '') && again?.some((other) => isSame(other, one)) !== false,
  };
  const result: Result = { seed: options.seed, modules: [] };
  for (const name of names) {
    const started = performance.now();
    const state = { what: `${name}: the tests without a change` };
    const hide = watch(() => state.what);
    const score = await tryMutants(MODULES[name]!, {
      ...options,
      onTried: (tried, of, survived) => {
        state.what = `${name}: ${tried} of ${of} changes, ${survived} survived`;
      },
    }).finally(hide);
    const seconds = Math.round((performance.now() - started) / 1000);
    const found = { module: name, score: round(percentOf(score)), seconds, ...score };
    result.modules.push(found);
    if (!values.json) printModule(found);
  }
  if (values.json) console.log(JSON.stringify(result, undefined, 2));
  else printTable(result);
  return result.modules.every(({ score }) => score >= least) ? 0 : 1;
}

function readOptions() {
  return read({
    modules: { type: 'string' },
    sample: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string' },
    again: { type: 'string' },
    least: { type: 'string', default: '85' },
    'at-once': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
}

function readSurvivors(path: string): Survivor[] {
  const { modules } = JSON.parse(readFileSync(path, 'utf8')) as Result;
  return modules.flatMap(({ survivors }) => survivors);
}

function isSame(one: Survivor, other: Survivor): boolean {
  return one.file === other.file && one.code === other.code && one.change === other.change;
}

/** For a person as it goes; for a log, now and then. */
function watch(describe: () => string): () => void {
  const hide = showProgress(describe);
  const log = () => console.error(describe());
  const timer = process.stderr.isTTY ? undefined : setInterval(log, LOG_SECONDS * 1000);
  return () => {
    clearInterval(timer);
    hide();
  };
}

function printModule({ module, survivors }: Result['modules'][number]): void {
  for (const { file, line, code, change } of survivors)
    console.log(`${module}: survived ${file}:${line}\n  ${code}\n  ${change}`);
}

function printTable({ seed, modules }: Result): void {
  console.log('\n| module | changes | tried | noticed | by the clock | survived | score |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const { module, mutants, tried, killed, timedOut, survivors, score } of modules) {
    const cells = [module, mutants, tried, killed, timedOut, survivors.length, `${score} %`];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const seconds = modules.reduce((sum, one) => sum + one.seconds, 0);
  console.log(`\nSeed ${seed}, ${Math.round(seconds / 60)} minutes.`);
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
