import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { makeLedger } from '../../functions/shared/ledger.ts';
import { type SceneRef, sceneInput, sweepInput } from '../../functions/shared/messages.ts';
import { readParameters } from '../../local/service.ts';
import { connectLocalTables, LEDGER_TABLE, METRICS_TABLE } from '../../local/tables.ts';
import { resourcesOf } from '../../test/packaged/template.ts';
import { type Bill, billOf, type Call, dollarsOf, idleBill, type Machine, type Needs, times, total } from '../bill.ts';
import { itemBytes } from '../capacityUnits.ts';
import { coresHere, idlest, keepThisProcessTo } from '../cores.ts';
import { counted, type Figure, type Goal } from '../figure.ts';
import { fillStage } from '../filledStage.ts';
import { type Rows, rowsOf } from '../fillLedger.ts';
import { MODEL } from '../memoryPorts.ts';
import { type Counted, startMeter } from '../meter.ts';
import { type Execution, startPackagedPipeline } from '../packagedPipeline.ts';
import { startPackagedService } from '../packagedService.ts';
import { PRICES, READ_ON, REGION } from '../prices.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import { spread } from '../spread.ts';
import type { Context, Suite } from '../suite.ts';

const MILLION = 1e6;
const DAY_MILLISECONDS = 86_400_000;
/** What waiting for AWS costs is told for so many milliseconds more a request. */
const MORE_MILLISECONDS = 10;
/** Of each function's artifact, the framework keeps so many. */
const DEPLOYMENTS_KEPT = 5;

/** Dollars for a million chips, and for a month without any. */
export const cost: Suite = {
  title: `Cost in ${REGION}, without free tiers: dollars for a million chips, and for an idle month`,
  onOneCore: false,
  run: async (context) => {
    const { note } = context;
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      note('NOT COUNTED: the packaged onnxruntime runs on linux/x64 only.');
      return [];
    }
    const bench = await startCostBench(context);
    const figures: Figure[] = [];
    const found: (Kind & Measured)[] = [];
    for (const kind of kinds(context.isQuick)) {
      context.tell(kind.name);
      found.push({ ...kind, ...(await bench.needsOf(kind.chips, kind.files)) });
    }
    context.tell('sweeps');
    const sweeps = await bench.sweepsOf(context.isQuick ? 50 : 400);
    figures.push(...found.flatMap((kind) => figuresOf(kind, sweeps)));
    // One-chip files under bulk/ come here, once there is a way for them: the needs of a sweep over many, by its files.
    context.tell('an idle month');
    figures.push(...figuresOfIdle(await bench.idle()));
    bench.close();
    note(
      `Prices of ${READ_ON}, each with its page in bench/prices.ts. Calls and units are counted, and milliseconds measured, on the packaged functions, warm, before a stand-in for AWS that answers at once: what AWS lets a request wait is told by itself. Where a function has less memory than brings a core, its processor time is billed as so much longer.`,
    );
    note(
      'Not among it: the files themselves in the inbox, which would be stored anyway ($1.00 a month for a million chips of 47 KB), cold starts, and retries.',
    );
    return figures;
  },
};

type Kind = { id: string; name: string; chips: number; files: number; goals: Partial<Record<Machine, number>> };

function kinds(isQuick: boolean): Kind[] {
  const files = isQuick ? 3 : 15;
  return [
    { id: 'shards', name: 'files of 81 chips', chips: 81, files, goals: { Standard: 3.4 } },
    isQuick
      ? { id: 'large', name: 'files of 1,620 chips', chips: 1620, files: 1, goals: {} }
      : { id: 'large', name: 'files of 20,000 chips', chips: 20_000, files: 3, goals: {} },
    { id: 'single', name: 'one-chip files, an execution each', chips: 1, files, goals: {} },
  ];
}

async function startCostBench({ folder, tell }: Context) {
  tell('sls package');
  const cores = await idlest(coresHere());
  if (cores.length > 1) keepThisProcessTo(cores.slice(1));
  const service = await startPackagedService(join(folder, 'packaged'), cores.slice(0, 1));
  const { aws, environment, template } = service;
  const names = { ledger: environment['LEDGER_TABLE']!, metrics: environment['METRICS_TABLE']! };
  const results = aws.objects.get(environment['RESULTS_BUCKET']!)!;
  const tables = connectLocalTables(aws.tables);
  const meter = await startMeter({
    ...{ endpoint: aws.endpoint, tables, objects: aws.objects },
    tableNames: new Map([
      [names.ledger, LEDGER_TABLE],
      [names.metrics, METRICS_TABLE],
    ]),
  });
  // What counts stands in the way of what is timed, so there are two of each.
  const metered = await startPackagedPipeline((name) => service.warm(name, meter.endpoint));
  const timed = await startPackagedPipeline((name) => service.warm(name));
  const memoryOf = (name: string) => Number(readParameters()[`${name}Memory`]);
  let seed = 0;

  function drop(chips: number) {
    const path = join(folder, 'scene');
    writeSceneFile(path, chips, ++seed);
    return service.drop(`cost-${seed}`, readFileSync(path));
  }

  let like: { scene: SceneRef; rows: Rows } | undefined;

  /** What a file of so many chips needs: counted once, timed as often as `files` says. */
  async function needsOf(chips: number, files: number) {
    await metered.execute(sceneInput(drop(chips)));
    const before = sizesOf(results);
    const scene = drop(chips);
    meter.take();
    const execution = await metered.execute(sceneInput(scene));
    const found = meter.take();
    const rows = await rowsOf(tables, names, scene, MODEL);
    like ??= { scene, rows };
    const after = sizesOf(results);
    const kept = (prefix: string) =>
      [...after].reduce((sum, [key, size]) => sum + (key.startsWith(prefix) && !before.has(key) ? size : 0), 0);
    await timed.execute(sceneInput(drop(chips)));
    const runs: Execution[] = [];
    for (let file = 0; file < files; file += 1) {
      const one = drop(chips);
      runs.push(await timed.execute(sceneInput(one)));
      aws.objects.get(one.bucket)!.delete(`${one.key}#${one.versionId}`); // a large one takes room
    }
    return {
      callers: found.callers,
      needs: {
        ...needsOfCalls(execution, found, medianCalls(runs)),
        s3Events: 1,
        keptBytes: kept('predictions/'),
        preparedBytes: kept('prepared/'),
        tableBytes: Object.values(rows).reduce((sum, row) => sum + itemBytes(row) + ITEM_OVERHEAD_BYTES, 0),
      } satisfies Needs,
    };
  }

  function needsOfCalls(execution: Execution, found: Counted, calls: Call[]): Needs {
    const ofS3 = (...operations: string[]) =>
      operations.reduce((sum, operation) => sum + (found.calls[`s3: ${operation}`] ?? 0), 0);
    const all = Object.entries(found.calls).reduce(
      (sum, [name, count]) => sum + (name.startsWith('s3: ') ? count : 0),
      0,
    );
    const writes = ofS3('PutObject', 'ListObjectVersions');
    const lines = execution.invocations.reduce((sum, { logLines }) => sum + logLines + PLATFORM_LINES.length, 0);
    const bytes = execution.invocations.reduce((sum, { logBytes }) => sum + logBytes + PLATFORM_BYTES, 0);
    return {
      calls,
      transitions: execution.transitions,
      milliseconds: fromFirstToLast(execution, calls),
      writeUnits: found.writeUnits,
      indexWriteUnits: found.indexWriteUnits,
      readUnits: found.readUnits,
      s3Writes: writes,
      s3Reads: all - writes - ofS3('DeleteObject'), // a DELETE is free
      metricRequests: found.calls['cloudwatch: PutMetricData'] ?? 0,
      logBytes: bytes + lines * EVENT_BYTES,
      s3Events: 0,
      keptBytes: 0,
      preparedBytes: 0,
      preparedDays: Number(readParameters()['preparedDays']) + 1,
      tableBytes: 0,
    };
  }

  /** Of each call of an execution, in their order, the median of the runs. */
  function medianCalls(runs: Execution[]): Call[] {
    return runs[0]!.invocations.map(({ name }, i) => ({
      memoryMb: memoryOf(name),
      milliseconds: spread(runs.map(({ invocations }) => invocations[i]!.milliseconds)).median,
      cpuMilliseconds: spread(runs.map(({ invocations }) => invocations[i]!.cpuMilliseconds)).median,
    }));
  }

  /**
   * What the daily sweeps do for a file, in dollars: the first one judges its day and reports on it, and as long as they look
   * back, each asks the ledger whether it knows the file.
   */
  async function sweepsOf(files: number): Promise<number> {
    const stage = { tables, names, objects: aws.objects, results: environment['RESULTS_BUCKET']! };
    const ledger = makeLedger(tables, names.ledger);
    const today = Math.floor(Date.now() / DAY_MILLISECONDS) * DAY_MILLISECONDS;
    const swept = async (daysAgo: number): Promise<number> => {
      await empty();
      if (daysAgo > 0)
        await fillStage(stage, like!, {
          ...{ first: 0, count: files },
          when: (file) => new Date(today - daysAgo * DAY_MILLISECONDS + 1000 * file),
        });
      const judged = new Date(today - 2 * DAY_MILLISECONDS).toISOString().slice(0, 10);
      const asOfYesterday = async () => {
        await ledger.setJudgedUntil(judged);
        await tables.delete({ TableName: names.ledger, Key: { scene: 'sweep#inbox', model: '-' } });
        await ledger.raiseWatermark(new Date(Date.now() - DAY_MILLISECONDS));
      };
      await asOfYesterday();
      meter.take();
      const execution = await metered.execute(sweepInput);
      const found = meter.take();
      await asOfYesterday();
      const run = await timed.execute(sweepInput);
      return total(billOf(needsOfCalls(execution, found, medianCalls([run])), 'Standard'));
    };
    const [first, later, none] = [await swept(1), await swept(3), await swept(0)];
    const lookBack = Number(readParameters()['sweepLookBackDays']);
    return (first - none + lookBack * (later - none)) / files;
  }

  /** An idle month, from a sweep over a stage to which nothing has come, and from what deploys. */
  async function idle() {
    await empty();
    await metered.execute(sweepInput);
    aws.published.length = 0;
    meter.take();
    const execution = await metered.execute(sweepInput);
    const metrics = new Set(
      aws.published.map(({ MetricName, Dimensions }) => JSON.stringify([MetricName, Dimensions])),
    );
    const found = meter.take();
    const run = await timed.execute(sweepInput);
    const packageBytes = sizesOf(aws.objects.get(environment['MODELS_BUCKET']!)!);
    const zipped = [...service.functions.values()].reduce((sum, { zippedBytes }) => sum + zippedBytes, 0);
    const count = (type: string) => resourcesOf(template, type).length;
    // A day apart, each sweep begins with new containers, whose start is billed as well.
    const calls = medianCalls([run]).map((call, i) => {
      const { loaded } = run.invocations[i]!;
      return { ...call, milliseconds: call.milliseconds + loaded, cpuMilliseconds: call.cpuMilliseconds + loaded };
    });
    return idleBill({
      dashboards: count('AWS::CloudWatch::Dashboard'),
      alarms: count('AWS::CloudWatch::Alarm'),
      keys: count('AWS::KMS::Key'),
      metrics: metrics.size,
      sweep: needsOfCalls(execution, found, calls),
      artifactBytes: zipped * DEPLOYMENTS_KEPT,
      modelBytes: [...packageBytes.values()].reduce((sum, size) => sum + size, 0),
    });
  }

  /** A stage to which nothing has come; what a filled one's files are like stays. */
  async function empty(): Promise<void> {
    const inbox = aws.objects.get(environment['INBOX_BUCKET']!)!;
    const kept = like === undefined ? undefined : `${like.scene.key}#${like.scene.versionId}`;
    for (const key of inbox.keys()) if (key !== kept) inbox.delete(key);
    const old = inbox.get(kept ?? '');
    if (old !== undefined) inbox.set(kept!, { ...old, modified: new Date(0) }); // no sweep looks at it
    for (const [TableName, keys] of [
      [names.ledger, ['scene', 'model']],
      [names.metrics, ['model', 'window']],
    ] as const)
      for await (const { Items = [] } of paginateScan({ client: tables }, { TableName }))
        for (const item of Items)
          await tables.delete({ TableName, Key: Object.fromEntries(keys.map((name) => [name, item[name]])) });
  }

  return {
    needsOf,
    sweepsOf,
    idle,
    close: () => {
      metered.stop();
      timed.stop();
      meter.close();
      tables.destroy();
      service.close();
    },
  };
}

/** The milliseconds of an execution, in which parts of a file are classified side by side. */
function fromFirstToLast({ invocations }: Execution, calls: readonly Call[]): number {
  const parts = invocations.filter(({ name }) => name === 'infer').length;
  const atOnce = Math.max(1, Math.min(parts, Number(readParameters()['partsAtOnce'])));
  return invocations.reduce((sum, { name }, i) => sum + calls[i]!.milliseconds / (name === 'infer' ? atOnce : 1), 0);
}

/** What Lambda itself logs of an invocation, as it looks. */
const PLATFORM_LINES = [
  'START RequestId: 8f5f1f9e-6f5c-4e0d-9f2a-3c4b5a697887 Version: 12\n',
  'END RequestId: 8f5f1f9e-6f5c-4e0d-9f2a-3c4b5a697887\n',
  'REPORT RequestId: 8f5f1f9e-6f5c-4e0d-9f2a-3c4b5a697887\tDuration: 123.45 ms\tBilled Duration: 124 ms\tMemory Size: 1769 MB\tMax Memory Used: 152 MB\t\n',
];
const PLATFORM_BYTES = Buffer.byteLength(PLATFORM_LINES.join(''));
/** CloudWatch counts so many bytes for each line besides. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const EVENT_BYTES = 26;
/** DynamoDB stores so many bytes with each item. https://aws.amazon.com/dynamodb/pricing/on-demand/ */
const ITEM_OVERHEAD_BYTES = 100;

function sizesOf(objects: ReadonlyMap<string, { bytes: Uint8Array }>): Map<string, number> {
  return new Map([...objects].map(([key, { bytes }]) => [key, bytes.length]));
}

type Measured = { needs: Needs; callers: Record<string, number> };

function figuresOf({ id, name, chips, needs, callers, goals }: Kind & Measured, sweeps: number): Figure[] {
  const perMillion = MILLION / chips;
  const bills = { Standard: billOf(needs, 'Standard'), Express: billOf(needs, 'Express') };
  const memory = (caller: string) => Number(readParameters()[`${caller}Memory`] ?? 0) / 1024;
  const waited = Object.entries(callers).reduce((sum, [caller, count]) => sum + count * memory(caller), 0);
  const more = ((waited * MORE_MILLISECONDS) / 1000) * PRICES.lambdaGbSecond.dollars * perMillion;
  return [
    ...(['Standard', 'Express'] as const).map((machine) =>
      dollars(
        ...([`${id}-${machine}`, `${name}, ${machine}`, (total(bills[machine]) + sweeps) * perMillion] as const),
        goalOf(goals[machine]),
      ),
    ),
    ...linesOf(`${id}-line`, times(bills.Standard, perMillion)),
    dollars(`${id}-sweeps`, '… its share of the daily sweeps: ledger, day and report', sweeps * perMillion),
    dollars(`${id}-waiting`, `not in it: each ${MORE_MILLISECONDS} ms that AWS lets every request wait`, more),
  ];
}

function figuresOfIdle(bill: Bill): Figure[] {
  return [dollars('idle', 'an idle month', total(bill), { of: 'value', atMost: 5.5 }), ...linesOf('idle-line', bill)];
}

/** Each line of a bill that is not nothing. */
function linesOf(id: string, bill: Bill): Figure[] {
  return bill
    .filter(({ amount }) => amount > 0)
    .map((line) => dollars(`${id}-${line.what.replaceAll(/\W+/g, '-')}`, `… ${line.what}`, dollarsOf(line)));
}

function dollars(id: string, name: string, value: number, goal?: Goal): Figure {
  return counted({ id, name, unit: '$', better: 'less', value, ...(goal !== undefined && { goal }) });
}

function goalOf(atMost: number | undefined): Goal | undefined {
  return atMost === undefined ? undefined : { of: 'value', atMost };
}
