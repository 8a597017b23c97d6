import { availableParallelism } from 'node:os';
import { exitCodeOf, sentenceOf, showProgress, WrongUse } from '../../cli/terminal/output.ts';
import { makeSearchOptions } from '../searchOptions.ts';
import { type Failure, type Found, merged, replay, type Search, search } from './search.ts';
import { startSearchThread } from './searchThread.ts';

const { read, wholeNumber } = makeSearchOptions('simulate');

/** `npm run simulate`: searches for an order of things, and of faults, in which a rule is broken. */

const HELP = `npm run simulate -- [--cases 20000] [--seed 1] [--threads 2] [--scenario NAME] [--json]
npm run simulate -- --replay SEED/CASE [--scenario NAME]

Runs the functions themselves, through the state machine that deploys, in a world that is made of memory: tables, buckets,
executions and the time. In each case something else goes wrong at some call: it fails (for a moment, for good, throttled),
its worker dies or sleeps on until others have taken its place, its execution is stopped, the whole process is killed;
before the call has its effect or after it. Files come twice, late, never, under two keys, over one another, and are
deleted. When the faults are over there is one sweep, and then these must hold:

  1  Every version of every object put into the inbox ends in exactly one end state.
  2  Its predictions are complete and counted exactly once in the day's numbers.
  3  A state never goes backward within an attempt, and none but its holder changes it.
  4  A result that can be read is whole, and what the ledger says is there can be read.
  5  A bad file changes nothing but its own row.
  6  Nothing is deleted from the inbox.
  7  Nobody is alarmed by a run that has not failed, or is not invalid, as the alarm says.
  8  A request that comes by the queue is kept and started, or is a dead letter with its reason; nothing stays in the queue.
  9  An answer that is asked for comes, when all runs have ended, and says what is stored; another one says the same.
 10  A shadow writes nothing but its own rows and objects, and its failure fails nothing else.
 11  What is said to be true of a chip counts once in its run, the latest word on it, or is a dead letter with its reason.
 12  The newest promotion of the history is what is live, nobody is told otherwise, and a rollback goes to the version before.
 13  A published version has the files that its record says.
 14  A batch has no second job in a container while an execution runs that waits for its first one.
 15  Each Item that a feed's catalogue lists is in the inbox, in its last revision, and no revision is there twice.

The first cases put a fault at each call that the scenarios make, once; then come every kind of fault at each of them,
pairs of faults, and faults by chance, each case in an order of its own. The same seed and number is the same case.

  --cases     how many (default 20000)
  --seed      a whole number (default 1)
  --threads   how many at once (default: a core each, at most 4; one for few cases)
  --scenario  the only one to be played; 'requests*' is all whose names begin so
  --replay    plays one case once more and prints its trace
  --json      prints the figures as JSON

Exit code 0: no rule was broken. 1: one was; each case is printed with its faults, its trace and how to replay it.
2: the command was wrong.`;

const DEFAULT_CASES = 20_000;
/** A thread takes a second to begin. */
const CASES_WORTH_A_THREAD = 1000;
const TRACES_PRINTED = 3;

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
  const { scenario } = values;
  if (values.replay !== undefined) return printReplay(values.replay, scenario);
  const cases = wholeNumber('--cases', values.cases, 1);
  const seed = wholeNumber('--seed', values.seed, 0);
  const most = Math.min(4, availableParallelism(), Math.ceil(cases / CASES_WORTH_A_THREAD));
  const threads = wholeNumber('--threads', values.threads ?? String(most), 1);
  const started = performance.now();
  const found = await searchWith(threads, { seed, scenario, from: 0, to: cases });
  return printFound(found, { seed, scenario }, (performance.now() - started) / 1000, values.json);
}

function readOptions() {
  return read({
    cases: { type: 'string', default: String(DEFAULT_CASES) },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
    scenario: { type: 'string' },
    replay: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
}

/** Every thread takes each so-manieth case, so that all of them end at about the same time. */
async function searchWith(threads: number, whole: Search): Promise<Found> {
  const done = new Array<number>(threads).fill(0);
  const hide = showProgress(() => `${done.reduce((sum, one) => sum + one, 0)} of ${whole.to} cases`);
  try {
    if (threads === 1) return await search({ ...whole, onCase: (count) => done.fill(count) });
    const parts = Array.from({ length: threads }, async (_, part) => {
      const thread = startSearchThread();
      const found = await thread.search({ ...whole, from: part, step: threads }, (count) => {
        done[part] = count;
      });
      await thread.stop();
      return found;
    });
    return merged(await Promise.all(parts));
  } finally {
    hide();
  }
}

type Asked = Pick<Search, 'seed' | 'scenario'>;

async function printFound(found: Found, asked: Asked, seconds: number, isJson: boolean): Promise<number> {
  const { seed } = asked;
  const { cases, injected, calls, sites, hit, failures } = found;
  const share = hit.length / sites;
  const isShort = cases >= sites && hit.length < sites;
  const figures = {
    seed,
    cases,
    faults: injected,
    schedules: found.orders.length,
    calls,
    portCalls: sites,
    hit: hit.length,
    share,
    seconds,
  };
  if (isJson) console.log(JSON.stringify({ ...figures, failures }));
  else {
    console.log(
      [
        `${grouped(cases)} cases of seed ${seed}: ${grouped(injected)} faults injected, ${grouped(figures.schedules)} schedules, ${grouped(calls)} calls`,
        `${(100 * share).toFixed(share === 1 ? 0 : 1)} % of the port calls hit (${grouped(hit.length)} of ${grouped(sites)})`,
        `${seconds.toFixed(1)} s, ${((1000 * seconds) / cases).toFixed(1)} ms a case`,
        failures.length === 0 ? 'No rule was broken.' : `${failures.length} cases broke a rule:`,
      ].join('\n'),
    );
    for (const [i, failure] of failures.entries()) await printFailure(failure, asked, i < TRACES_PRINTED);
  }
  if (isShort) console.error('Not every port call was hit, and there were enough cases for it.');
  return failures.length > 0 || isShort ? 1 : 0;
}

async function printFailure({ number, violations, ...failure }: Failure, { seed, scenario }: Asked, isTraced: boolean) {
  console.log(`\nCase ${seed}/${number}: ${failure.scenario}`);
  for (const { rule, what } of violations) console.log(`  rule ${rule}: ${what}`);
  if (isTraced) {
    const { case: one, played } = await replay(seed, number, scenario);
    console.log(`  faults: ${JSON.stringify(one.plan)}`);
    for (const line of played.trace) console.log(`  ${line}`);
  }
  const only = scenario === undefined ? '' : ` --scenario '${scenario}'`;
  console.log(`  npm run simulate -- --replay ${seed}/${number}${only}`);
}

async function printReplay(text: string, scenario: string | undefined): Promise<number> {
  const [, seed, number] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (seed === undefined || number === undefined)
    throw new WrongUse(`--replay: found ${JSON.stringify(text)}, allowed is SEED/CASE, such as 1/4711.`);
  const { case: one, played } = await replay(Number(seed), Number(number), scenario);
  console.log(`Case ${text}: ${one.scenario.name}\nfaults: ${JSON.stringify(one.plan)}`);
  for (const line of played.trace) console.log(line);
  for (const { rule, what } of played.violations) console.log(`rule ${rule}: ${what}`);
  if (played.violations.length === 0) console.log('No rule was broken.');
  return played.violations.length === 0 ? 0 : 1;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
