import { join } from 'node:path';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { type SceneRef, sceneInput, sweepInput } from '../../core/messages.ts';
import { type Child, startChild } from '../child.ts';
import { coresHere, idlest } from '../cores.ts';
import { counted, type Figure, measured } from '../figure.ts';
import { fillStage } from '../filledStage.ts';
import { rowsOf } from '../fillLedger.ts';
import { MODEL } from '../memoryPorts.ts';
import type { Counted } from '../meter.ts';
import { startMeteredStage } from '../meteredStage.ts';
import type { Execution } from '../packagedPipeline.ts';
import type * as Stack from '../processes/stack.ts';
import { spread } from '../spread.ts';
import type { Context, Suite } from '../suite.ts';

const CHIPS = 81;
const CALLS_GOAL = 16;
const TRANSITIONS_GOAL = 9;
const DAY_MILLISECONDS = 86_400_000;

/** What a file costs, in calls, units, bytes and time, with more and more files in the ledger; and what the sweep does. */
export const growth: Suite = {
  title: 'Growth: what a file of 81 chips costs, with more and more files in the ledger',
  onOneCore: false,
  run: async (context) => {
    const figures = [...(await ofCalls(context)), ...(await ofTime(context))];
    context.note(
      'Calls are requests as they leave the packaged functions, warm, counted before a stand-in for AWS; capacity units follow from the sizes of items, those of the indexes among them. Calls for Step Functions are its own, not the functions’.',
    );
    context.note(
      'The ledger is filled with copies of the rows that a real file has left, all of today. The sweep finds 10,000 files of today and a thousand of each day before; it looks back for a week, and asks the ledger for each of those. Time is that of files one after the other through the embedded stack on one core, whose tables are dynalite.',
    );
    return figures;
  },
};

/** A file through the packaged functions, counted. */
type OfFile = { execution: Execution; counted: Counted };

async function ofCalls({ isQuick, folder, tell, note }: Context): Promise<Figure[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    note('NOT COUNTED: calls and units, since the packaged onnxruntime runs on linux/x64 only.');
    return [];
  }
  tell('sls package');
  const cores = await idlest(coresHere());
  const stage = await startMeteredStage(folder, cores);
  const { meter, pipeline, tables, names } = stage;
  const oneFile = async (): Promise<OfFile & { scene: SceneRef }> => {
    const scene = stage.drop(CHIPS);
    meter.take();
    const execution = await pipeline.execute(sceneInput(scene));
    if (execution.path.at(-1) !== 'Done') throw new Error(`a file of ${CHIPS} chips ended in ${execution.path.at(-1)}`);
    return { scene, execution, counted: meter.take() };
  };

  const figures: Figure[] = [];
  const { scene } = await oneFile();
  const rows = await rowsOf(tables, names, scene, MODEL);
  let filled = 1;
  const fillUpTo = async (files: number, when: (file: number) => Date) => {
    await fillStage(stage, { scene, rows }, { first: filled, count: files - filled, when });
    filled = files;
  };
  const now = Date.now();
  const sizes = isQuick ? [10, 100] : [10, 100, 1000, 10_000];
  for (const files of sizes) {
    tell(`calls of a file, with ${files} in the ledger`);
    await fillUpTo(files, (file) => new Date(now - 10 * file)); // within two minutes
    for (let i = 0; i < 3; i += 1) await oneFile();
    const found: OfFile[] = [];
    for (let i = 0; i < 5; i += 1) found.push(await oneFile());
    figures.push(...figuresOfCalls(files, found, files === sizes.at(-1)));
  }

  const inLedger = isQuick ? 2000 : 100_000;
  tell(`a sweep, with ${inLedger} files in the ledger`);
  const perDay = isQuick ? 100 : 1000;
  const midnight = Math.floor(now / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  const day = (file: number) => Math.floor((file - 10_000) / perDay);
  const when = (file: number) =>
    new Date(midnight - (1 + Math.max(0, day(file))) * DAY_MILLISECONDS + (file % perDay) * 80_000);
  await fillUpTo(inLedger, when);
  const ledger = makeLedger(tables, names.ledger);
  await ledger.raiseWatermark(new Date(now - DAY_MILLISECONDS));
  await ledger.setJudgedUntil(new Date(midnight - 2 * DAY_MILLISECONDS).toISOString().slice(0, 10));
  meter.take();
  const execution = await pipeline.execute(sweepInput);
  figures.push(...figuresOfSweep(inLedger, { execution, counted: meter.take() }));
  stage.close();
  return figures;
}

/** What each size of the ledger has, and for the largest what it is made of. */
function figuresOfCalls(files: number, found: OfFile[], isLargest: boolean): Figure[] {
  // A minute after the last time, drift asks which version is live: the median has none of that.
  const median = (of: (one: OfFile) => number) => spread(found.map(of)).median;
  const calls = (service: string) => median(({ counted }) => callsOf(counted, service));
  const count = (id: string, name: string, unit: string, value: number, atMost?: number) =>
    counted({
      ...{ id: `${id}-${files}`, name, unit, better: 'less', value },
      ...(atMost !== undefined && { goal: { of: 'value', atMost } as const }),
    });
  const all = calls('s3') + calls('dynamodb') + calls('cloudwatch');
  const at = `${files.toLocaleString('en-US')} files in the ledger`;
  return [
    count('calls', `calls of S3, DynamoDB and CloudWatch, ${at}`, 'calls', all, CALLS_GOAL),
    ...(isLargest
      ? (['s3', 'dynamodb', 'cloudwatch'] as const).map((service) =>
          count(`calls-${service}`, `… of them ${NAMES[service]}`, 'calls', calls(service)),
        )
      : []),
    count(
      ...(['writes', '… write units of the tables', 'units'] as const),
      median(({ counted }) => counted.writeUnits),
    ),
    count(
      ...(['index-writes', '… write units of their indexes', 'units'] as const),
      median(({ counted }) => counted.indexWriteUnits),
    ),
    count(
      ...(['reads', '… read units', 'units'] as const),
      median(({ counted }) => counted.readUnits),
    ),
    count(
      ...(['bytes', '… moved from and to S3', 'MB'] as const),
      median(({ counted }) => (counted.s3Read + counted.s3Written) / 1e6),
    ),
    count(
      ...(['transitions', '… state transitions', 'transitions'] as const),
      median(({ execution }) => execution.transitions),
      TRANSITIONS_GOAL,
    ),
  ];
}

const NAMES = { s3: 'of S3', dynamodb: 'of DynamoDB', cloudwatch: 'of CloudWatch', states: 'of Step Functions' };

export function callsOf({ calls }: Counted, service: string): number {
  return Object.entries(calls).reduce((sum, [name, count]) => sum + (name.startsWith(`${service}: `) ? count : 0), 0);
}

function figuresOfSweep(files: number, { execution, counted: found }: OfFile): Figure[] {
  const less = { better: 'less' } as const;
  const name = `a sweep with ${files.toLocaleString('en-US')} files in the ledger`;
  const { invocations, transitions } = execution;
  return [
    ...(['s3', 'dynamodb', 'cloudwatch'] as const).map((service) =>
      counted({
        ...{ id: `sweep-${service}`, name: `${name}: calls ${NAMES[service]}`, unit: 'calls', ...less },
        value: callsOf(found, service),
      }),
    ),
    counted({ id: 'sweep-reads', name: '… read units', unit: 'units', ...less, value: found.readUnits }),
    counted({
      ...{ id: 'sweep-writes', name: '… write units, with the indexes’', unit: 'units', ...less },
      value: found.writeUnits + found.indexWriteUnits,
    }),
    counted({ id: 'sweep-transitions', name: '… state transitions', unit: 'transitions', ...less, value: transitions }),
    ...(['discover', 'drift', 'report'] as const).map((one) => {
      const own = invocations.filter((invocation) => invocation.name === one);
      return measured({
        ...{ id: `sweep-${one}`, name: `… processor time of ${one}`, unit: 's', ...less },
        values: [own.reduce((sum, { cpuMilliseconds }) => sum + cpuMilliseconds, 0) / 1000],
      });
    }),
  ];
}

type StackChild = Child<Stack.Question, Stack.Answer | null>;

/** Files one after the other through an embedded stack for each size of the ledger, in turns. */
async function ofTime({ isQuick, folder, tell }: Context): Promise<Figure[]> {
  const [core] = await idlest(coresHere());
  const sizes = isQuick ? [10, 100] : [10, 100, 1000, 10_000];
  const rounds = isQuick ? 2 : 9;
  const files = 6;
  const stacks = new Map<number, StackChild>();
  for (const size of sizes) {
    tell(`an embedded stack with ${size} files in its ledger`);
    const stack: StackChild = await startChild('stack', { cores: [core!], args: [join(folder, `data-${size}`), '1'] });
    await stack.ask({ prepare: { files: 2, chips: CHIPS, seed: size } });
    await stack.ask({ run: { atOnce: 1 } });
    await stack.ask({ fill: { files: size - 2 } });
    stacks.set(size, stack);
  }
  const clock = new Map(sizes.map((size) => [size, [] as number[]]));
  const processor = new Map(sizes.map((size) => [size, [] as number[]]));
  for (let round = 0; round <= rounds; round += 1) {
    tell(`time of a file, round ${round} of ${rounds}`);
    for (const i of sizes.keys()) {
      const size = sizes[(i + round) % sizes.length]!;
      const stack = stacks.get(size)!;
      await stack.ask({ prepare: { files, chips: CHIPS, seed: size + round + 1 } });
      const taken = (await stack.ask({ run: { atOnce: 1 } }))!;
      if (round === 0) continue;
      clock.get(size)!.push(taken.milliseconds / files);
      processor.get(size)!.push(taken.cpuMilliseconds / files);
    }
  }
  for (const stack of stacks.values()) await stack.stop();
  const [least] = sizes;
  return sizes.flatMap((size) => {
    const at = `${size.toLocaleString('en-US')} files in the ledger`;
    const isMost = size === sizes.at(-1);
    const beside = (of: typeof clock) => (size === least ? [] : [{ name: `with ${least}`, values: of.get(least!)! }]);
    return [
      measured({
        ...{ id: `time-${size}`, name: `time of a file, ${at}`, unit: 'ms', better: 'less' },
        ...{ values: clock.get(size)!, beside: beside(clock) },
        ...(isMost && { goal: { of: 'ratio', atMost: 1.15 } as const }),
      }),
      measured({
        ...{ id: `processor-${size}`, name: '… of processor time', unit: 'ms', better: 'less' },
        ...{ values: processor.get(size)!, beside: beside(processor) },
      }),
    ];
  });
}
