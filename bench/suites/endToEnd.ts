import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from '../child.ts';
import { canPin, coresHere } from '../cores.ts';
import { type Figure, measured } from '../figure.ts';
import type * as Limits from '../processes/limits.ts';
import type * as Stack from '../processes/stack.ts';
import type { Context, Suite } from '../suite.ts';

type StackChild = Child<Stack.Question, Stack.Answer>;
type LimitsChild = Child<Limits.Question, Limits.Answer>;

/** Files that are on their way at once, where there are many: as many executions as the embedded stack runs. */
const IN_FLIGHT = 8;

/** Chips a second through the state machine on the embedded stack, from a file's event to its run's end. */
export const endToEnd: Suite = {
  title: 'End to end, through the state machine on the embedded stack, warm',
  onOneCore: false,
  run: async (context) => {
    const { isQuick, folder, tell, note } = context;
    const cores = coresHere();
    const one = cores.slice(0, 1);
    tell('starting');
    const limits = await limitsOn(folder, one, 'first');
    const stack = await stackOn(folder, one);
    const figures: Figure[] = [];
    const size = isQuick ? 1620 : 20_000;
    figures.push(await ofOneLargeFile(context, stack, limits, size));
    const counts = isQuick ? [1, 10, 20] : [1, 10, 1000];
    for (const files of counts) figures.push(await ofShards(context, stack, limits, files));
    if (cores.length > 1 && canPin()) figures.push(...(await ofTwoCores(context, stack, limits, cores.slice(0, 2))));
    else note('NOT MEASURED: two cores, since there is one, or no taskset to tell them apart.');
    await stack.stop();
    await limits.stop();
    note(
      'Chips are those with something on them, each of which is classified; a 20,000-chip file has 930 MB. Files lie in the inbox already, in the system’s cache.',
    );
    note(
      'The computed ceiling is a pipeline that does nothing but what every one has to: the bare model, a plain read, SHA-256, our CRC-32C and our Parquet, one after the other on the one core.',
    );
    return figures;
  },
};

async function ofOneLargeFile({ isQuick, tell }: Context, stack: StackChild, limits: LimitsChild, chips: number) {
  const found = { pipeline: [] as number[], bare: [] as number[], ceiling: [] as number[] };
  const rounds = isQuick ? 2 : 5;
  for (let round = 0; round <= rounds; round += 1) {
    tell(`one file of ${chips} chips, round ${round} of ${rounds}`);
    await stack.ask({ prepare: { files: 1, chips, seed: 1000 + round } });
    const bare = rate(await limits.ask({ bare: { chips: chips / 2 } }));
    const others = rate(await limits.ask({ unavoidable: true }));
    const pipeline = rate(await stack.ask({ run: { atOnce: 1 } }));
    if (round === 0) continue; // the first file starts the workers and loads the model
    found.pipeline.push(pipeline);
    found.bare.push(bare);
    found.ceiling.push(1 / (1 / bare + 1 / others));
  }
  return measured({
    id: 'large',
    name: `one core, a file of ${chips.toLocaleString('en-US')} chips`,
    ...{ unit: 'chips/s', better: 'more', values: found.pipeline },
    beside: [
      { name: 'bare onnxruntime', values: found.bare },
      { name: 'the computed ceiling', values: found.ceiling },
    ],
    goal: { of: 'ratio', atLeast: 0.7 },
  });
}

async function ofShards({ isQuick, tell }: Context, stack: StackChild, limits: LimitsChild, files: number) {
  const found = { pipeline: [] as number[], bare: [] as number[] };
  const rounds = isQuick ? 2 : files > 100 ? 3 : 9;
  for (let round = 0; round <= rounds; round += 1) {
    if (round === 0 && files > 100) continue; // warm since the one before
    tell(`${files} files of 81 chips, round ${round} of ${rounds}`);
    await stack.ask({ prepare: { files, chips: 81, seed: 2000 + files * 10 + round } });
    const bare = rate(await limits.ask({ bare: { chips: files > 100 ? 10_000 : 2000 } }));
    const pipeline = rate(await stack.ask({ run: { atOnce: IN_FLIGHT } }));
    if (round === 0) continue;
    found.pipeline.push(pipeline);
    found.bare.push(bare);
  }
  return measured({
    id: `shards-${files}`,
    name: `one core, ${files.toLocaleString('en-US')} ${files === 1 ? 'file' : 'files'} of 81 chips`,
    ...{ unit: 'chips/s', better: 'more', values: found.pipeline },
    beside: [{ name: 'bare onnxruntime', values: found.bare }],
    // One file alone waits for each of its requests; what has to be fast is many of them.
    ...(files > 1 && { goal: { of: 'ratio', atLeast: 0.45 } as const }),
  });
}

/** Four files in flight on one core and on two; and what two cores are worth on this machine, which is the limit of that. */
async function ofTwoCores({ isQuick, folder, tell }: Context, one: StackChild, limits: LimitsChild, cores: number[]) {
  const two = await stackOn(folder, cores);
  const other = await limitsOn(folder, cores.slice(1), 'second');
  const chips = isQuick ? 810 : 2000;
  const files = 4;
  const found = { one: [] as number[], two: [] as number[], bareOne: [] as number[], bareTwo: [] as number[] };
  const rounds = isQuick ? 2 : 7;
  for (let round = 0; round <= rounds; round += 1) {
    tell(`four files on one core and on two, round ${round} of ${rounds}`);
    await one.ask({ prepare: { files, chips, seed: 20_000 + round } });
    await two.ask({ prepare: { files, chips, seed: 20_000 + round } });
    const question = { bare: { chips: 4000 } };
    const onOne = rate(await limits.ask(question));
    const both = await Promise.all([limits.ask(question), other.ask(question)]);
    const pipelines = { one: 0, two: 0 };
    for (const which of round % 2 === 0 ? (['one', 'two'] as const) : (['two', 'one'] as const))
      pipelines[which] = rate(await { one, two }[which].ask({ run: { atOnce: files } }));
    if (round === 0) continue;
    found.one.push(pipelines.one);
    found.two.push(pipelines.two);
    found.bareOne.push(onOne);
    found.bareTwo.push(both.reduce((sum, each) => sum + rate(each), 0));
  }
  await two.stop();
  await other.stop();
  const each = `${files} files of ${chips.toLocaleString('en-US')} chips in flight`;
  return [
    measured({
      ...{ id: 'two-cores', name: `two cores, ${each}`, unit: 'chips/s', better: 'more', values: found.two },
      beside: [{ name: 'one core', values: found.one }],
      goal: { of: 'ratio', atLeast: 1.8 },
    }),
    measured({
      id: 'two-cores-bare',
      name: 'the machine’s own: bare onnxruntime in two processes at once',
      ...{ unit: 'chips/s', better: 'more', values: found.bareTwo },
      beside: [{ name: 'in one', values: found.bareOne }],
    }),
  ];
}

async function stackOn(folder: string, cores: number[]): Promise<StackChild> {
  const data = join(folder, `data-${cores.length}`);
  mkdirSync(data);
  return startChild('stack', { cores, args: [data, String(cores.length)] });
}

function limitsOn(folder: string, cores: number[], name: string): Promise<LimitsChild> {
  return startChild('limits', { cores, args: [join(folder, `limits-${name}`)] });
}

function rate({ chips, milliseconds }: { chips: number; milliseconds: number }): number {
  return (chips * 1000) / milliseconds;
}
