import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { sum } from 'simple-statistics';
import type { ApiGatewayResult } from '../aws/apiGateway.ts';
import { type CollectResult, type SceneRef, sceneInput, sweepInput } from '../core/base/messages.ts';
import { DAY_MILLISECONDS } from '../core/base/time/days.ts';
import { notificationOf } from '../core/doors/notifications/notification.ts';
import { makeLedger } from '../core/ledger/ledger.ts';
import { readParameters } from '../deployment/defaults.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { alarmsOf } from '../observability/alarms.ts';
import { observedOf } from '../observability/parameters.ts';
import { gatewayEvent } from '../test/gatewayEvent.ts';
import { resourcesOf } from '../test/packaged/template.ts';
import {
  type Bill,
  billOf,
  type Call,
  idleApiBill,
  idleBill,
  idleQueueBill,
  type Needs,
  queueRequestsOf,
  total,
} from './bill.ts';
import { type Item, SCHEMAS, storedBytes } from './capacityUnits.ts';
import { spread } from './figure.ts';
import { fillStage, ledgerRowsOf, type Rows, rowsOf } from './fillLedger.ts';
import { chipInputs } from './load/chips.ts';
import { MODEL } from './memoryPorts.ts';
import type { Counted } from './meter.ts';
import { startMeteredStage } from './meteredStage.ts';
import type { Execution } from './packagedPipeline.ts';
import type { WarmFunction } from './warmFunction.ts';

const [QUEUE, COUNTS_QUEUE] = ['arrivals', 'counts'].map(
  (name) => `arn:aws:sqs:us-east-1:123456789012:swath-dev-${name}`,
) as [string, string];
/** A message as Lambda hands it over, of that queue. */
const queued = (eventSourceARN: string) => (body: string, i: number) => ({ messageId: `m${i}`, body, eventSourceARN });
/** As many as Lambda begins with; each hands on what a call of collect has at most. */
const POLLERS = 5;
const FULL = 500;
/** A message is sent by itself; it is taken and removed together with nine others. */
const REQUESTS_A_MESSAGE = 1 + 2 / 10;

/** Of each function's artifact, the framework keeps so many. */
const DEPLOYMENTS_KEPT = 5;

/** What so many files need of AWS, and how many calls each function made for that. */
export type Measured = { files: number; needs: Needs; callers: Record<string, number>; sweeps: Sweeps };

/** What the daily sweeps do for a file, in dollars: the first one, and those after it as long as they look back. */
type Sweeps = { first: number; later: number };

/** A file that has gone through, and what it has left in the tables. */
type Like = { scene: SceneRef; rows: Rows };

/** Counts and times what files need, on the packaged functions, warm. */
export async function startCostBench(folder: string, cores: readonly number[]) {
  const stage = await startMeteredStage(folder, cores);
  const { aws, drop, meter, names, pipeline, tables, service } = stage;
  const results = aws.objects.get(stage.results)!;
  const timed = (input: unknown) => meter.uncounted(() => pipeline.execute(input));
  const parameters = readParameters();
  const memoryOf = (name: string) => Number(parameters[`${name}Memory`]);
  const lookBackDays = Number(parameters['sweepLookBackDays']);
  const ledger = makeLedger(tables, names.ledger);
  const today = Math.floor(Date.now() / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  const daysBefore = (days: number) => new Date(today - days * DAY_MILLISECONDS + DAY_MILLISECONDS / 2);
  let like: Like | undefined;

  /** What a file of so many chips needs: counted once, timed as often as `times` says. */
  async function ofFile(chips: number, times: number): Promise<Omit<Measured, 'sweeps'>> {
    await pipeline.execute(sceneInput(drop(chips)));
    const before = new Set(results.keys());
    const scene = drop(chips);
    meter.take();
    const execution = await pipeline.execute(sceneInput(scene));
    const found = meter.take();
    const rows = await rowsOf(tables, names, scene, MODEL);
    like ??= { scene, rows };
    const kept = bytesSince(before);
    await timed(sceneInput(drop(chips)));
    const runs: Execution[] = [];
    for (let i = 0; i < times; i += 1) {
      const one = drop(chips);
      runs.push(await timed(sceneInput(one)));
      aws.objects.get(one.bucket)!.delete(`${one.key}#${one.versionId}`); // a large one takes room
    }
    const needs = needsOf(execution, found, medianCalls(runs));
    const stored = {
      keptBytes: kept('predictions/'),
      preparedBytes: kept('prepared/') + kept('summaries/'),
      ...storedIn(rows, 1),
    };
    return { files: 1, callers: found.callers, needs: { ...needs, s3Events: 1, ...stored } };
  }

  /** What one-chip files under bulk/ need, so many of them in a folder whose marker comes; the sweeps after it, too. */
  async function ofBulkFiles(files: number): Promise<Measured> {
    await empty();
    const bulk = async (days: number) => {
      const folder = `${parameters['bulkPrefix']}${crypto.randomUUID()}/`;
      const modified = daysBefore(days);
      const scenes = Array.from({ length: files }, () => drop(1, { keyPrefix: folder, modified }));
      const marker = service.drop(`${folder}_DONE`, new Uint8Array(), modified);
      meter.take();
      const execution = await pipeline.execute(sceneInput(marker));
      const found = meter.take();
      const row = await ledger.get(scenes.at(-1)!, MODEL);
      if (execution.path.at(-1) !== 'Swept' || row?.state !== 'DONE')
        throw new Error(`bulk files ended in ${execution.path.at(-1)}, the last of them ${row?.state}`);
      return { scenes, execution, found };
    };
    await asOfYesterday();
    const before = new Set(results.keys());
    const { scenes, execution, found } = await bulk(1);
    const kept = bytesSince(before);
    const { run, digest } = await ledgerRowsOf(tables, names.ledger, scenes[0]!, MODEL);
    const first = await sweepDollars();
    await empty();
    const again = await meter.uncounted(() => bulk(3));
    await pipeline.execute(sweepInput); // counts them in a day that had closed: none of what a look-back costs
    const listed = await sweepDollars();
    const known = await sweepDollars(3); // it may have come unseen, so it is asked for once more
    await empty();
    const none = await sweepDollars();
    const needs = needsOf(execution, found, medianCalls([again.execution]));
    return {
      files,
      callers: found.callers,
      needs: {
        ...needs,
        s3Events: files + 1, // the inbox tells EventBridge of each file, whether a rule asks for it or not
        keptBytes: kept('predictions/') + kept('manifests/'),
        ...storedIn({ run, digest }, files),
      },
      sweeps: { first: (first - none) / files, later: (known - none + (lookBackDays - 1) * (listed - none)) / files },
    };
  }

  /**
   * What files need that arrive within a window in the stage's own inbox, which tells the queue of them itself and EventBridge
   * of none, gathered by pollers that share them evenly: by five, so that batches are not
   * full, or of many files by as many as have full ones.
   *
   * @param swept so many like them the daily sweeps find
   */
  async function ofArrivals(files: number, chips: number, swept: number): Promise<Measured> {
    const pollers = files < FULL ? POLLERS : Math.ceil(files / FULL);
    const gather = async (count = files) => {
      const folder = crypto.randomUUID();
      const scenes = Array.from({ length: count }, () => drop(chips, { keyPrefix: `${folder}/` }));
      const before = new Set(results.keys());
      const all: Execution = { path: [], transitions: 0, invocations: [] };
      meter.take();
      for (let poller = 0; poller < pollers; poller += 1) {
        const some = scenes.filter((_, i) => i % pollers === poller);
        await collected(all, collect, some.map((scene) => JSON.stringify(notificationOf(scene))).map(queued(QUEUE)));
      }
      const found = meter.take();
      const rows = await ledgerRowsOf(tables, names.ledger, scenes[0]!, MODEL);
      const { state } = (await ledger.get(scenes.at(-1)!, MODEL)) ?? {};
      if (state !== 'DONE') throw new Error(`the last of the gathered files is ${state}`);
      const kept = bytesSince(before);
      const inbox = aws.objects.get(scenes[0]!.bucket)!;
      for (const { key, versionId } of scenes.slice(1)) inbox.delete(`${key}#${versionId}`);
      const one = { scene: scenes[0]!, rows };
      return { all, found, one, keptBytes: kept('predictions/') + kept('manifests/') };
    };
    const collect = await service.warm('collect');
    try {
      await gather(2 * POLLERS);
      const { all, found, one, keptBytes } = await gather();
      const again = await meter.uncounted(gather);
      const needs = needsOf(all, found, medianCalls([again.all]));
      const queueRequests = files * REQUESTS_A_MESSAGE;
      return {
        files,
        callers: found.callers,
        sweeps: await ofSweeps(swept, one),
        needs: { ...needs, queueRequests, keptBytes, ...storedIn(one.rows, files) },
      };
    } finally {
      collect.stop();
    }
  }

  /**
   * What calls of the REST API need that have so many inputs each, and what has their predictions counted: the messages of all of
   * them come to the same minute, and are gathered together. What the sweeps of later days do for such a gathering is not reckoned: it is
   * one row among those of the files.
   */
  async function ofOnline(calls: number, inputs: number): Promise<Measured> {
    const chips = chipInputs();
    const body = JSON.stringify({ inputs: Array.from({ length: inputs }, (_, i) => chips[i % chips.length]) });
    const headers = { 'content-type': 'application/json' };
    const event = gatewayEvent('POST /v1/models/{model}/predictions', { path: { model: MODEL.name }, headers, body });
    const ask = async (count = calls) => {
      const all: Execution = { path: [], transitions: 0, invocations: [] };
      const before = new Set(results.keys());
      aws.sent.length = 0;
      meter.take();
      let answerBytes = 0;
      for (let i = 0; i < count; i += 1) {
        const { result, ...taken } = await predict.invoke(event);
        const answer = result as ApiGatewayResult;
        if (answer.statusCode !== 200 || answer.body.includes('"error":"'))
          throw new Error(`predict answered ${answer.statusCode}: ${answer.body.slice(0, 500)}`);
        answerBytes += Buffer.byteLength(answer.body) + Buffer.byteLength(JSON.stringify(answer.headers));
        all.invocations.push({ name: 'predict', loaded: predict.loaded, ...taken });
      }
      const messages = aws.sent.map((one) => one.body);
      if (messages.length < count)
        throw new Error(`${messages.length} messages of ${count} requests are to be counted`);
      await collected(all, collect, messages.map(queued(COUNTS_QUEUE)));
      const found = meter.take();
      const key = [...results.keys()].find((one) => !before.has(one) && one.startsWith('answered/'));
      const run = await ledgerRow(`${stage.results}/${key}#`);
      const digest = await ledgerRow(`digest#${run['digest']}`);
      if (run['state'] !== 'DONE' || run['chips'] !== count * inputs)
        throw new Error(`the predictions of ${count} requests came to ${run['state']}, ${run['chips']} chips`);
      const kept = bytesSince(before);
      return {
        all,
        found,
        answerBytes,
        messages,
        rows: { run, digest },
        keptBytes: kept('predictions/') + kept('manifests/') + kept('answered/'),
      };
    };
    const [predict, collect] = [await service.warm('predict'), await service.warm('collect')];
    try {
      await ask(2);
      const { all, found, answerBytes, messages, rows, keptBytes } = await ask();
      const again = await meter.uncounted(ask);
      const stored = storedIn(rows, 1);
      const claim = storedBytes(SCHEMAS.get(LEDGER_TABLE)!, await ledgerRow('answered#')).table;
      return {
        files: calls,
        callers: found.callers,
        sweeps: { first: 0, later: 0 },
        needs: {
          ...needsOf(all, found, medianCalls([again.all])),
          apiRequests: calls,
          answerBytes,
          keptBytes,
          ...stored,
          tableBytes: stored.tableBytes + messages.length * claim,
          queueRequests: queueRequestsOf(messages.map((one) => Buffer.byteLength(one))),
        },
      };
    } finally {
      for (const one of [predict, collect]) one.stop();
    }
  }

  /** A row of the ledger, by what its scene begins with. */
  async function ledgerRow(beginning: string): Promise<Item> {
    for await (const { Items = [] } of paginateScan({ client: tables }, { TableName: names.ledger })) {
      const found = Items.find((item) => String(item['scene']).startsWith(beginning));
      if (found !== undefined) return found;
    }
    throw new Error(`The ledger has no row whose scene begins with ${beginning}.`);
  }

  /** Has messages collected, and what is started for them run to its end. */
  async function collected(all: Execution, collect: WarmFunction, Records: object[]) {
    const known = new Set(aws.started.keys());
    const { result, ...taken } = await collect.invoke({ Records });
    if ((result as CollectResult).batchItemFailures.length > 0) throw new Error('messages were refused');
    all.invocations.push({ name: 'collect', loaded: collect.loaded, ...taken });
    for (const [name, input] of [...aws.started].filter(([one]) => !known.has(one))) {
      const { path, transitions, invocations } = await pipeline.execute(input, name);
      if (path.at(-1) !== 'Watch arrivals') throw new Error(`${name} ended in ${path.at(-1)}`);
      all.transitions += transitions;
      all.invocations.push(...invocations);
    }
  }

  /**
   * What the daily sweeps do for a file, in dollars: the first one judges its day and reports on it, and as long as they look
   * back, each asks the ledger whether it knows the file: once more, if it came whole. All of them list it.
   */
  async function ofSweeps(files: number, one: Like = like!): Promise<Sweeps> {
    const swept = async (days: number, sweptDaysAgo = 1): Promise<number> => {
      await empty(one);
      const within = DAY_MILLISECONDS / 4 / files;
      const when = (file: number) => new Date(daysBefore(days).getTime() + within * file);
      if (days > 0) await fillStage(stage, one, { first: 0, count: files, when });
      return sweepDollars(sweptDaysAgo);
    };
    const [first, known, listed, none] = [await swept(1), await swept(3, 3), await swept(3), await swept(0)];
    return { first: (first - none) / files, later: (known - none + (lookBackDays - 1) * (listed - none)) / files };
  }

  /** The daily sweep, as if all days were judged but the last one, and the inbox had been swept so many days ago. */
  async function sweepDollars(sweptDaysAgo = 1): Promise<number> {
    await asOfYesterday(sweptDaysAgo);
    meter.take();
    const execution = await pipeline.execute(sweepInput);
    const found = meter.take();
    await asOfYesterday(sweptDaysAgo);
    const run = await timed(sweepInput);
    return total(billOf(needsOf({ ...execution, invocations: run.invocations }, found, medianCalls([run]))));
  }

  async function asOfYesterday(sweptDaysAgo = 1): Promise<void> {
    await ledger.setJudgedUntil(daysBefore(2).toISOString().slice(0, 10));
    await tables.delete({ TableName: names.ledger, Key: { scene: 'sweep#inbox', model: '-' } });
    await ledger.raiseWatermark(new Date(Date.now() - sweptDaysAgo * DAY_MILLISECONDS));
  }

  /** An idle month, from a sweep over a stage to which nothing has come, and from what deploys. */
  async function ofIdleMonth(): Promise<Record<'stage' | 'arrivals' | 'requests' | 'api', Bill>> {
    await empty();
    await pipeline.execute(sweepInput);
    aws.published.length = 0;
    meter.take();
    const execution = await pipeline.execute(sweepInput);
    const metrics = new Set(
      aws.published.map(({ MetricName, Dimensions }) => JSON.stringify([MetricName, Dimensions])),
    );
    const found = meter.take();
    const run = await timed(sweepInput);
    // A day apart, each sweep begins with new containers, whose start is billed as well.
    const calls = medianCalls([run]).map((call, i) => {
      const { loaded } = run.invocations[i]!;
      return { ...call, milliseconds: call.milliseconds + loaded, cpuMilliseconds: call.cpuMilliseconds + loaded };
    });
    const count = (type: string) => resourcesOf(service.template, type).length;
    // Those that only come with a queue or with the API are told by themselves.
    const [alarms, arrivals, requests] = [{}, { arrivalsWindowSeconds: 60 }, { requests: 'true' }].map(alarmsWith) as [
      number,
      number,
      number,
    ];
    const ofApi = count('AWS::CloudWatch::Alarm') - arrivals - requests + alarms;
    const models = aws.objects.get(service.environment['MODELS_BUCKET']!)!;
    const stage = idleBill({
      dashboards: count('AWS::CloudWatch::Dashboard'),
      alarms,
      keys: count('AWS::KMS::Key'),
      metrics: metrics.size,
      sweep: needsOf(execution, found, calls),
      artifactBytes: sum([...service.functions.values()].map(({ zippedBytes }) => zippedBytes)) * DEPLOYMENTS_KEPT,
      modelBytes: sum([...models.values()].map(({ bytes }) => bytes.length)),
    });
    return {
      stage,
      arrivals: idleQueueBill('arrivals', arrivals - alarms),
      requests: idleQueueBill('requests', requests - alarms),
      api: idleApiBill(ofApi),
    };
  }

  /** How many alarms a stage has with those parameters, and the others as they come. */
  function alarmsWith(given: Record<string, unknown>): number {
    const stage = { stage: 'dev', stateMachineArn: '' };
    return alarmsOf(observedOf(stage, { ...parameters, ...given })).filter(({ isOn }) => isOn).length;
  }

  function needsOf(execution: Execution, { calls: made, ...found }: Counted, calls: Call[]): Needs {
    const ofS3 = (...operations: string[]) => sum(operations.map((operation) => made[`s3: ${operation}`] ?? 0));
    const all = sum(Object.entries(made).map(([name, count]) => (name.startsWith('s3: ') ? count : 0)));
    const writes = ofS3('PutObject', 'ListObjectVersions');
    const lines = sum(execution.invocations.map(({ logLines }) => logLines + PLATFORM_LINES.length));
    const bytes = sum(execution.invocations.map(({ logBytes }) => logBytes + PLATFORM_BYTES));
    return {
      calls,
      transitions: execution.transitions,
      writeUnits: found.writeUnits,
      indexWriteUnits: found.indexWriteUnits,
      readUnits: found.readUnits,
      s3Writes: writes,
      s3Reads: all - writes - ofS3('DeleteObject'), // a DELETE is free
      metricRequests: made['cloudwatch: PutMetricData'] ?? 0,
      logBytes: bytes + lines * EVENT_BYTES,
      s3Events: 0,
      keptBytes: 0,
      preparedBytes: 0,
      tableBytes: 0,
      indexBytes: 0,
      preparedDays: Number(parameters['preparedDays']) + 1,
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

  function bytesSince(before: ReadonlySet<string>) {
    const sizes = [...results].flatMap(([key, { bytes }]) => (before.has(key) ? [] : [[key, bytes.length] as const]));
    return (prefix: string) => sum(sizes.map(([key, size]) => (key.startsWith(prefix) ? size : 0)));
  }

  /** A stage to which nothing has come; what a filled one's files are like stays. */
  async function empty(one = like): Promise<void> {
    const inbox = aws.objects.get(service.environment['INBOX_BUCKET']!)!;
    const kept = one === undefined ? undefined : `${one.scene.key}#${one.scene.versionId}`;
    for (const key of inbox.keys()) if (key !== kept) inbox.delete(key);
    const old = inbox.get(kept ?? '');
    if (old !== undefined) inbox.set(kept!, { ...old, modified: new Date(0) }); // no sweep looks at it
    for (const [TableName, schema] of [
      [names.ledger, LEDGER_TABLE],
      [names.metrics, METRICS_TABLE],
    ] as const) {
      const { keys } = SCHEMAS.get(schema)!;
      for await (const { Items = [] } of paginateScan({ client: tables }, { TableName }))
        for (const item of Items)
          await tables.delete({ TableName, Key: Object.fromEntries(keys.map((name) => [name, item[name]])) });
    }
  }

  return { ofFile, ofBulkFiles, ofArrivals, ofOnline, ofSweeps, ofIdleMonth, memoryOf, close: stage.close };
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

/** What the rows of a file take to be kept, so many times over. */
function storedIn({ numbers, ...ofLedger }: Partial<Rows>, files: number): Pick<Needs, 'tableBytes' | 'indexBytes'> {
  const all = [
    ...Object.values(ofLedger).map((row) => storedBytes(SCHEMAS.get(LEDGER_TABLE)!, row)),
    ...(numbers === undefined ? [] : [storedBytes(SCHEMAS.get(METRICS_TABLE)!, numbers)]),
  ];
  return {
    tableBytes: files * sum(all.map(({ table }) => table)),
    indexBytes: files * sum(all.map(({ indexes }) => indexes)),
  };
}
