import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from 'simple-statistics';
import { type Child, startChild } from '../child.ts';
import { canPin, coresHere, idlest } from '../cores.ts';
import { type Figure, measured } from '../figure.ts';
import type * as Limits from '../processes/limits.ts';
import type * as Stack from '../processes/stack.ts';
import { interleaved } from '../rounds.ts';
import type { Context, Suite } from '../suite.ts';
import { processorRate, rate, sharedCore, type Taken } from '../taken.ts';

type StackChild = Child<Stack.Question, Stack.Answer | null>;
type LimitsChild = Child<Limits.Question, Limits.Answer>;
type Found = Record<'pipeline' | 'bare' | 'others', Taken[]>;

/** Files that are on their way at once, where there are many: as many executions as the embedded stack runs. */
const IN_FLIGHT = 8;

/** Chips a second through the state machine on the embedded stack, from a file's event to its run's end. */
export const endToEnd: Suite = {
  title: 'End to end: through the state machine on the embedded stack, warm',
  onOneCore: false,
  run: async (context) => {
    const { isQuick, folder, tell, note } = context;
    const cores = await idlest(coresHere());
    const one = cores.slice(0, 1);
    tell('starting');
    const limits = await limitsOn(folder, one, 'first');
    const stack = await stackOn(folder, one);
    const figures: Figure[] = [];
    const bare: Taken[] = [];
    for (const { files, chips, rounds } of isQuick ? QUICK : WHOLE) {
      const found = await measure(context, stack, limits, { files, chips, rounds });
      bare.push(...found.bare);
      figures.push(...figuresOf(files, chips, found));
    }
    if (cores.length > 1 && canPin()) figures.push(...(await ofTwoCores(context, stack, limits, cores.slice(0, 2))));
    else note('NOT MEASURED: two cores, since there is one, or no taskset to tell them apart.');
    await stack.stop();
    await limits.stop();
    const shared = sharedCore(bare);
    if (shared !== undefined) note(shared);
    note(
      "Chips have something on them, so that each is classified. Files lie in the inbox already, and in the system's cache; what is measured goes from their events to the ends of their runs, at most eight files at once. A file of 20,000 chips has 930 MB.",
    );
    note(
      'The computed ceiling is a pipeline that does nothing but what every one has to, one after the other on the one core: the bare model, a plain read, our CRC-32C, our Parquet. SHA-256 is not among them: on a laptop the inbox has hashed a file when it came in, before its event.',
    );
    return figures;
  },
};

const WHOLE = [
  { files: 1, chips: 20_000, rounds: 5 },
  { files: 1, chips: 81, rounds: 15 },
  { files: 10, chips: 81, rounds: 9 },
  { files: 1000, chips: 81, rounds: 3 },
];
const QUICK = [
  { files: 1, chips: 1620, rounds: 2 },
  { files: 1, chips: 81, rounds: 2 },
  { files: 10, chips: 81, rounds: 2 },
  { files: 20, chips: 81, rounds: 2 },
];

/** Rounds of the limits and of the pipeline in turns; a first one starts the workers and loads the model, and does not count. */
function measure(
  { tell }: Context,
  stack: StackChild,
  limits: LimitsChild,
  { files, chips, rounds }: (typeof WHOLE)[number],
): Promise<Found> {
  const bareChips = Math.max(2000, Math.min((files * chips) / 2, 10_000));
  return interleaved(
    rounds,
    {
      bare: () => limits.ask({ bare: { chips: bareChips } }),
      others: () => limits.ask({ unavoidable: true }),
      pipeline: async (round) => {
        await stack.ask({ prepare: { files: round === 0 ? Math.min(files, 10) : files, chips, seed: seedOf() } });
        return (await stack.ask({ run: { atOnce: IN_FLIGHT } }))!;
      },
    },
    (round) => tell(`${nameOf(files, chips)}, round ${round} of ${rounds}`),
  );
}

let seeds = 0;
/** No two rounds have the same bytes. */
const seedOf = () => ++seeds;

function figuresOf(files: number, chips: number, { pipeline, bare, others }: Found): Figure[] {
  const isShard = chips === 81;
  // One small file alone waits for each of its requests; what has to be fast is many of them.
  const atLeast = isShard ? (files > 1 ? 0.45 : undefined) : 0.7;
  const figure = (name: string, of: (taken: Taken) => number) => {
    const alone = bare.map(of);
    const ceiling = others.map((other, round) => 1 / (1 / alone[round]! + 1 / of(other)));
    return measured(name, 'chips/s', pipeline.map(of), {
      beside: { 'bare onnxruntime': alone, ...(!isShard && { 'the computed ceiling': ceiling }) },
      goal: atLeast === undefined ? undefined : { of: 'ratio', atLeast },
    });
  };
  // Of the clock and of the processor: something else that runs spoils the one, what waits does not count for the other.
  return [figure(`one core, ${nameOf(files, chips)}`, rate), figure('… a second of processor time', processorRate)];
}

/** Four files in flight on one core and on two; and what two cores are worth on this machine, which is the limit of that. */
async function ofTwoCores({ isQuick, folder, tell }: Context, one: StackChild, limits: LimitsChild, cores: number[]) {
  const two = await stackOn(folder, cores);
  const other = await limitsOn(folder, cores.slice(1), 'second');
  const chips = isQuick ? 810 : 2000;
  const files = 4;
  const rounds = isQuick ? 2 : 7;
  const question = { bare: { chips: 4000 } };
  const through = async (stack: StackChild) => {
    await stack.ask({ prepare: { files, chips, seed: seedOf() } });
    return rate((await stack.ask({ run: { atOnce: files } }))!);
  };
  const found = await interleaved(
    rounds,
    {
      bareOne: async () => rate(await limits.ask(question)),
      bareTwo: async () => sum((await Promise.all([limits.ask(question), other.ask(question)])).map(rate)),
      one: () => through(one),
      two: () => through(two),
    },
    (round) => tell(`four files on one core and on two, round ${round} of ${rounds}`),
  );
  await two.stop();
  await other.stop();
  return [
    measured(`two cores, ${nameOf(files, chips)} in flight`, 'chips/s', found.two, {
      beside: { 'one core': found.one },
      goal: { of: 'ratio', atLeast: 1.8 },
    }),
    measured('what two cores are worth here: bare onnxruntime in two processes at once', 'chips/s', found.bareTwo, {
      beside: { 'in one': found.bareOne },
    }),
  ];
}

function nameOf(files: number, chips: number): string {
  return `${files.toLocaleString('en-US')} ${files === 1 ? 'file' : 'files'} of ${chips.toLocaleString('en-US')} chips`;
}

async function stackOn(folder: string, cores: number[]): Promise<StackChild> {
  const data = join(folder, `data-${cores.length}`);
  mkdirSync(data);
  return startChild('stack', { cores, args: [data, String(cores.length)] });
}

function limitsOn(folder: string, cores: number[], name: string): Promise<LimitsChild> {
  return startChild('limits', { cores, args: [join(folder, `limits-${name}`)] });
}
