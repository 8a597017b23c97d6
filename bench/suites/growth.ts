import { sum } from 'simple-statistics';
import { type SceneRef, sceneInput, sweepInput } from '../../core/base/messages.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { coresHere, idlest } from '../cores.ts';
import { counted, type Figure, spread } from '../figure.ts';
import { fillStage, rowsOf } from '../fillLedger.ts';
import { MODEL } from '../memoryPorts.ts';
import type { Counted } from '../meter.ts';
import { startMeteredStage } from '../meteredStage.ts';
import type { Execution } from '../packagedPipeline.ts';
import type { Context, Suite } from '../suite.ts';

const CHIPS = 81;
const CALLS_GOAL = 16;
const TRANSITIONS_GOAL = 9;

/** What a file costs, in calls, units and bytes, with more and more files in the ledger; and what the sweep does. */
export const growth: Suite = {
  title: 'Growth: what a file of 81 chips costs, with more and more files in the ledger',
  onOneCore: false,
  run: async (context) => {
    const figures = await ofCalls(context);
    context.note(
      'Calls are requests as they leave the packaged functions, warm, counted before a stand-in for AWS; capacity units follow from the sizes of items, those of the indexes among them. Calls for Step Functions are its own, not the functions’.',
    );
    context.note(
      'The ledger is filled with copies of the rows that a real file has left, all of today. The sweep finds 10,000 files of today and a thousand of each day before; it looks back for a week, and asks the ledger for each of those.',
    );
    return figures;
  },
};

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

const SERVICES = { s3: 'S3', dynamodb: 'DynamoDB', cloudwatch: 'CloudWatch' };

function callsOf({ calls }: Counted): Record<keyof typeof SERVICES, number> {
  const of = (service: string) =>
    sum(Object.entries(calls).map(([name, count]) => (name.startsWith(`${service}: `) ? count : 0)));
  return { s3: of('s3'), dynamodb: of('dynamodb'), cloudwatch: of('cloudwatch') };
}

/** What each size of the ledger has, and for the largest what it is made of. */
function figuresOfCalls(files: number, found: OfFile[], isLargest: boolean): Figure[] {
  // A minute after the last time, drift asks which version is live: the median has none of that.
  const count = (name: string, unit: string, of: (one: OfFile) => number, atMost?: number) =>
    counted(name, unit, spread(found.map(of)).median, atMost);
  const services = Object.keys(SERVICES) as (keyof typeof SERVICES)[];
  const ofServices = services.map((service) =>
    count(`… of them of ${SERVICES[service]}`, 'calls', ({ counted }) => callsOf(counted)[service]),
  );
  const all = count(
    `calls of S3, DynamoDB and CloudWatch, ${files.toLocaleString('en-US')} files in the ledger`,
    'calls',
    ({ counted }) => sum(Object.values(callsOf(counted))),
    CALLS_GOAL,
  );
  return [
    all,
    ...(isLargest ? ofServices : []),
    count('… write units of the tables', 'units', ({ counted }) => counted.writeUnits),
    count('… write units of their indexes', 'units', ({ counted }) => counted.indexWriteUnits),
    count('… read units', 'units', ({ counted }) => counted.readUnits),
    count('… moved from and to S3', 'MB', ({ counted }) => (counted.s3Read + counted.s3Written) / 1e6),
    count('… state transitions', 'transitions', (one) => one.execution.transitions, TRANSITIONS_GOAL),
  ];
}

function figuresOfSweep(files: number, { execution, counted: found }: OfFile): Figure[] {
  const name = `a sweep with ${files.toLocaleString('en-US')} files in the ledger`;
  const { invocations, transitions } = execution;
  return [
    ...Object.entries(callsOf(found)).map(([service, calls]) =>
      counted(`${name}: calls of ${SERVICES[service as keyof typeof SERVICES]}`, 'calls', calls),
    ),
    counted('… read units', 'units', found.readUnits),
    counted('… write units, with the indexes’', 'units', found.writeUnits + found.indexWriteUnits),
    counted('… state transitions', 'transitions', transitions),
    ...['discover', 'drift', 'report'].map((one) => {
      const own = invocations.filter((invocation) => invocation.name === one);
      const seconds = sum(own.map(({ cpuMilliseconds }) => cpuMilliseconds)) / 1000;
      return counted(`… processor time of ${one}`, 's', seconds);
    }),
  ];
}
