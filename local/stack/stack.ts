import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import * as z from 'zod';
import { askStacApis } from '../../aws/askStacApi.ts';
import { ClaimLost, TransientTrouble, withoutCitations } from '../../core/base/errors.ts';
import { EMBEDDED_FUNCTIONS, type EmbeddedFunction } from '../../core/base/functions.ts';
import { isBulk, isCanary, markedFolder } from '../../core/base/keys.ts';
import { MAX_MODEL_CALL_SECONDS } from '../../core/base/limits.ts';
import type { BatchRef, BatchResult, CollectInput, CollectResult, SceneRef } from '../../core/base/messages.ts';
import { batchRefSchema, batchResultSchema, isUnassigned, sceneInput, sweepInput } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { followFeeds } from '../../core/feeds/followFeed.ts';
import { LAPTOP_SCHEDULE, periodOf } from '../../core/feeds/schedule.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { hasMissedItsFile } from '../../core/ledger/ledgerRow.ts';
import { environmentOf as environmentOfParameters } from '../../core/parameters/ofFunctions.ts';
import { readSettings } from '../../core/parameters/settings.ts';
import { makeModels } from '../../core/releases/models.ts';
import type { WatchPorts } from '../../core/releases/watchAlias.ts';
import { type Parameters, readParameters } from '../../deployment/defaults.ts';
import { makePost } from '../../functions/webhook/postToWebhook.ts';
import { queueName } from '../../observability/alarms.ts';
import type { MetricQuery, MetricsReader } from '../../observability/readMetrics.ts';
import { alarmCauses } from '../alarms/alarmCauses.ts';
import type { AlarmChange } from '../alarms/alarms.ts';
import type { Sample } from '../alarms/metricStore.ts';
import { LOCAL_STAGE, observedParameters, startObserving } from '../alarms/observing.ts';
import { readOutbox } from '../alarms/outbox.ts';
import { webhookOf } from '../alarms/webhook.ts';
import { expireResults, expireRows } from '../buckets/expire.ts';
import { assertFreeSpace, folderBucket, KEPT_BYTES, resultsInFolder } from '../buckets/folderBucket.ts';
import { makeGrown } from '../buckets/grown.ts';
import { holdBack } from '../buckets/heldBack.ts';
import { INBOX, listScenesOf, lookUpScenesOf, ONCE, type OnPassedOver, openInbox, RESULTS } from '../buckets/inbox.ts';
import { removeLeftovers } from '../buckets/leftovers.ts';
import { watchFolder } from '../buckets/watch.ts';
import { startArrivalsQueue } from '../queues/arrivalsQueue.ts';
import { COUNTS, queueUrl, REQUESTS, startRequestsQueue } from '../queues/requestsQueue.ts';
import { askForTables } from '../tables/askForTables.ts';
import { startRepairedTables } from '../tables/repairTables.ts';
import { FEATURES_TABLE, LEDGER_TABLE, METRICS_TABLE } from '../tables/tables.ts';
import { STATE_MACHINE_ARN } from './arns.ts';
import { makeClock, type Shift } from './clock.ts';
import { type Answers, startControl } from './control.ts';
import { type DataFolder, openDataFolder } from './dataFolder.ts';
import { startFunction } from './functions.ts';
import { startJobs } from './jobs.ts';
import { answersOf, TABLE } from './link.ts';
import { takeLock } from './lock.ts';
import { ownModel } from './ownModel.ts';
import { recoverClaims } from './recoveredClaims.ts';
import { startSchedule } from './schedule.ts';
import { assertDefinitionIsThere, timeoutOf } from './service.ts';
import { startSideWork } from './sideWork.ts';
import { type OnEnd, startStateMachine } from './stateMachine.ts';
import { startWorkers } from './workers.ts';

/** The stack in its owner's process. */
export type OwnStack = Awaited<ReturnType<typeof startStack>>;

type OwnersAlone = 'clock' | 'startIntake' | 'gather' | 'deliver' | 'sweep' | 'putMetrics' | 'idle' | 'consoleIsAt';

/** The embedded stack, for its owner and for other processes. */
export type Stack = Omit<OwnStack, OwnersAlone>;

export type StackOptions = {
  dataDir: string;
  /** The command that other processes are told owns the folder. */
  command: string;
  /** How many cores may infer at once. */
  cores?: number;
  /** Runs once the folder is locked, before the live models are read. */
  prepare?: (folder: DataFolder) => Promise<void>;
  parameters?: Parameters;
  modelCallSeconds?: number;
  alarmWebhook?: URL;
  /** Checks an alias of a model registry with each sweep; its notices go into the outbox. */
  watchRegistry?: (tell: WatchPorts['tell']) => Promise<unknown>;
  onEnd?: OnEnd;
  onBatch?: (batch: BatchRef, result: BatchResult) => void;
  /** Called with a file that cannot be read, such as one without permission. */
  onError?: (key: string, error: Error) => void;
  /** Called once for each name of a file in the inbox that is not a scene file. */
  onPassedOver?: OnPassedOver;
};

/** The part of a stop's three seconds for work in progress; the rest closes the tables. */
const GRACE_MILLISECONDS = 2200;
const CONCURRENT_EXECUTIONS = 8;
/** For how many of the latest files the execution of their event is remembered. */
const REMEMBERED_ARRIVALS = 100;
/** How many arriving files are read concurrently: a process may have only some hundreds open. */
const TAKEN_AT_ONCE = 4;
const AGAIN_MILLISECONDS = 1000;
export const ROOM_MILLISECONDS = 5000;
const FULL = new Set(['DiskFull', 'ENOSPC', 'EDQUOT']);
const batchMessageSchema = z.object({ batch: batchRefSchema });

/** A worker that infers takes about 100 MB; beyond a few, the laptop is better left to its owner. */
const MOST_CORES = 4;

export const coresToUse = (): number => Math.min(availableParallelism(), MOST_CORES);

/** Starts the embedded stack in this process. Throws `FolderInUse` if another process owns the folder. */
export async function startStack(options: StackOptions) {
  await using open = new AsyncDisposableStack(); // how to close what was started, the last first
  const { dataDir, command, cores = 1, prepare, parameters: changed = {}, alarmWebhook, watchRegistry } = options;
  const { modelCallSeconds = MAX_MODEL_CALL_SECONDS, onEnd, onBatch, onError = () => {}, onPassedOver } = options;
  assertDefinitionIsThere();
  const folder = openDataFolder(dataDir);
  const token = randomUUID();
  const control = open.adopt(await startControl(token), ({ close }) => close());
  open.defer(await takeLock(folder.path, folder.lock, { pid: process.pid, port: control.port, token, command }));
  await prepare?.(folder);
  const time: Shift = { ahead: 0 };
  const clock = makeClock(time);
  const tables = await startRepairedTables(folder.tables, options.onError && ((error) => onError('tables', error)));
  await removeLeftovers(folder);
  const log = createWriteStream(folder.log, { flags: 'a' });
  log.on('error', () => {}); // a full disk must not end the stack because of a log line
  open.defer(() => new Promise<void>((resolve) => log.end(resolve)));
  const parameters: Parameters = { ...readParameters(), modelName: ownModel(folder.models), ...changed };
  open.defer(tables.close);
  const client = askForTables(tables.ask);
  const ledger = makeLedger(client, LEDGER_TABLE);
  const metrics = makeMetricsTable(client, METRICS_TABLE);
  const models = makeModels(folderBucket(folder.models).read, String(parameters['modelName']));
  const results = resultsInFolder(folder.results);
  await recoverClaims({ ledger, ...results }, clock.now());
  let consoleUrl: string | undefined;
  let onAlarm: (change: AlarmChange) => void = () => {};
  const messages = open.use(startSideWork((error) => onError('webhook', error)));
  const observing = await startObserving(folder, clock, parameters, {
    onError: (error) => onError('alarms', error),
    causesOf: (alarm) =>
      alarmCauses({ ledger, models, metrics, parameters: observedParameters(parameters), now: clock.now }, alarm),
    consoleUrl: () => consoleUrl,
    onChange: (change) => onAlarm(change),
    tellWebhook: alarmWebhook && webhookOf(makePost('--alarm-webhook'), alarmWebhook, messages),
  });
  open.defer(() => observing.close().catch((error: Error) => onError('alarms', error)));
  const registry = open.use(startSideWork((error) => onError('new models', error)));
  const feeds = open.use(startSideWork((error) => onError('feeds', error)));
  const lookAtFeeds = () =>
    feeds.add(() =>
      followFeeds({
        modelBucket: folderBucket(folder.models),
        inbox: folderBucket(folder.inbox),
        inboxPrefix: '',
        ask: askStacApis(),
        publish: observing.publish,
        now: () => new Date(), // catalogues do not follow a clock of ours
      }),
    );
  const onLog = (line: string) => log.write(line);
  /** What the inbox holds and nobody classifies is in the log as well: the terminal may be closed by then. */
  const logNotTaken = (key: string, why: string) =>
    onLog(`${jsonLine({ time: clock.now().toISOString(), event: 'inbox.notTaken', key, why })}\n`);
  const onFile = (key: string, error: Error): void => {
    logNotTaken(key, withoutCitations(error.message));
    onError(key, error);
  };
  const passOver: OnPassedOver = (name, as) => {
    logNotTaken(name, as);
    onPassedOver?.(name, as);
  };
  const inbox = openInbox(folder.inbox, folder.versions, passOver, INBOX, (...both) => onGrown(...both));
  const { send: sendOnce } = openInbox(folder.once, folder.onceVersions, undefined, ONCE);
  const ofWorkers: Answers = {};
  const workers = startWorkers({ environment: environmentOf(parameters), folder, time }, ofWorkers, onLog);
  open.defer(workers.kill);
  const startOne = (name: EmbeddedFunction) => {
    const how = name === 'infer' ? { size: cores, native: modelCallSeconds } : { size: 1 };
    return startFunction({ name, seconds: timeoutOf(name, parameters), ...how }, workers, observing.called);
  };
  const functions = new Map(EMBEDDED_FUNCTIONS.map((name) => [name, startOne(name)]));
  const invoke = async (name: EmbeddedFunction, message: unknown) => {
    const result = await functions.get(name)!.invoke(message);
    const [sent, ended] = [batchMessageSchema.safeParse(message).data, batchResultSchema.safeParse(result).data];
    if (sent !== undefined && ended !== undefined) onBatch?.(sent.batch, ended);
    return result;
  };
  const jobs = open.adopt(startJobs(folder.path, onLog), ({ kill }) => kill());
  const machine = startStateMachine(invoke, {
    runJob: jobs.run,
    concurrency: CONCURRENT_EXECUTIONS,
    now: clock.now,
    onBegin: observing.executionBegan,
    onEnd: (input, ended) => {
      observing.executionEnded(ended);
      onEnd?.(input, ended);
    },
  });
  const held = open.adopt(holdBack(machine.executions, clock.now), ({ stop }) => stop());
  const executions: typeof held.executions = {
    ...held.executions,
    start: async (name, input) => {
      if (Object(input).source === sweepInput.source) {
        await expireResults(folder.results, clock.now()); // whoever has it sweep
        await expireRows(folder.results, tables.ask, clock.now());
      }
      return held.executions.start(name, input);
    },
  };

  // As EventBridge names them: by the event.
  const startExecution = async (input: unknown): Promise<string> => {
    const name = randomUUID();
    await executions.start(name, input);
    return executions.arnOf(name);
  };
  const onGrown = makeGrown({
    ...readSettings(environmentOf(parameters)),
    ...results,
    loadModel: models.load,
    now: clock.now,
    models,
    ledger,
    executions,
  });
  /** A file that has grown while a batch has it, or another worker, is looked at again; so is one for which the disk had no room. */
  const onLook = (key: string, error: Error): void => {
    const isOthers = error instanceof TransientTrouble || error instanceof ClaimLost;
    const isFull = FULL.has((error as NodeJS.ErrnoException).code ?? error.name);
    if (!isOthers && !(isFull && unstarted.size > 0)) onFile(key, error);
    if (!isOthers && !isFull) return;
    if (isFull) unstarted.add(key);
    if (isWatching) setTimeout(() => takeInTurn(key), isOthers ? AGAIN_MILLISECONDS : ROOM_MILLISECONDS).unref();
  };
  const unstarted = new Set<string>();
  const collect = async (input: CollectInput) => (await invoke('collect', input)) as CollectResult;
  const windowSeconds = Number(parameters['arrivalsWindowSeconds']);
  const queue = windowSeconds > 0 ? startArrivalsQueue({ windowSeconds, collect, onError }) : undefined;
  if (queue !== undefined) open.defer(queue.stop);
  const requests = startRequestsQueue({
    folder: folder.queues,
    collect,
    onDeadLetter: (value) => {
      const letters = { name: 'ApproximateNumberOfMessagesVisible', value };
      const dimensions = { QueueName: queueName(LOCAL_STAGE, 'dead-letters') };
      const sample = { time: clock.now().toISOString(), namespace: 'AWS/SQS', dimensions, ...letters };
      putMetrics([sample]).catch((error: Error) => onError('alarms', error));
    },
  });
  open.defer(requests.stop);
  const arrivals = new Map<string, string>();
  let isWatching = false;
  let stopIntake = () => {};
  let takeInTurn: (key: string) => unknown = () => {};

  async function putMetrics(samples: Sample[]): Promise<void> {
    await observing.metrics.put(samples);
    await observing.alarms.evaluate();
  }

  async function startSweep(): Promise<string> {
    // No sweep waits for this, and a look that a stop cuts off is made again with the next sweep: a package's item is written last.
    registry.add(async () => watchRegistry?.(observing.tell));
    return startExecution(sweepInput);
  }

  const bulkPrefix = String(parameters['bulkPrefix']);
  /** Applies the deployed rule: bulk files are left to the sweep, and a marker among them starts a sweep of its folder. */
  const raisesEvent = (key: string) => !isBulk(key, bulkPrefix) || markedFolder(key, bulkPrefix) !== null;

  async function startIntake(): Promise<void> {
    /** Starts a complete file: a run, if it is new; otherwise runs that missed it while it was away. */
    const inputsOf = async ({ scene, isNew }: { scene: SceneRef; isNew: boolean }) => {
      if (isNew) return [sceneInput(scene)];
      const missed = (await ledger.ofScene(scene)).filter(hasMissedItsFile);
      return missed.map(({ model }) => sceneInput(scene, isUnassigned(model) ? undefined : model));
    };
    const take = async (key: string): Promise<void> => {
      const looked = await inbox.look(key);
      if (looked === undefined || !raisesEvent(key)) return void unstarted.delete(key);
      await assertFreeSpace(folder.tables, KEPT_BYTES);
      const found = { ...looked, isNew: looked.isNew || unstarted.has(key) };
      // What has missed its file is a model's, and a canary is asked for by what its event has started.
      if (queue !== undefined && found.isNew && !isCanary(key)) await queue.send(found.scene);
      else for (const input of await inputsOf(found)) arrivals.set(key, await startExecution(input));
      unstarted.delete(key);
      for (const oldest of arrivals.keys()) if (arrivals.size > REMEMBERED_ARRIVALS) arrivals.delete(oldest);
    };
    const turn = pLimit(TAKEN_AT_ONCE);
    takeInTurn = (key) => turn(() => take(key)).catch((error: Error) => onLook(key, error));
    const stopWatching = watchFolder(folder.inbox, takeInTurn, onFile, Date.now, inbox.passOver);
    const stopSchedule = startSchedule(() => startSweep().catch((error: Error) => onError('sweep', error)));
    const looks = setInterval(lookAtFeeds, periodOf(LAPTOP_SCHEDULE)!).unref();
    lookAtFeeds();
    isWatching = true;
    stopIntake = () => {
      isWatching = false;
      queue?.stop();
      requests.stop();
      stopWatching();
      stopSchedule();
      clearInterval(looks);
    };
    await startSweep(); // handles what came, failed or was interrupted while no stack was running
  }

  /** What every process asks the stack's owner for, by these names. */
  const shared = {
    ended: machine.ended,
    /** Copies a file into the inbox atomically, under a key of its content and name, below a prefix. */
    send: inbox.send,
    /** Copies a file, under such a key, to where no sweep finds it: it is classified only by whoever starts its run. */
    sendOnce,
    put: inbox.put,
    /** The version of a file as far as the inbox knows it without reading the file; null if it is unsure. */
    knownVersion: inbox.knownVersion,
    isWatching: async () => isWatching,
    /** Sends a request for predictions, and returns the id of its message. */
    request: async (body: string) => requests.send(queueUrl(REQUESTS), body),
    count: async (body: string) => requests.send(queueUrl(COUNTS), body),
    /** The execution that a file's event has started recently; null if there is none. */
    startedBy: async (key: string) => arrivals.get(key) ?? null,
    onTheirWay: async () => machine.onTheirWay() + (queue?.size() ?? 0) + requests.size(),
    listScenes: listScenesOf(inbox, onLook, clock),
    readAlarms: async () => observing.alarms.states(),
  };

  const questions = answersOf({
    ...shared,
    shared: async () => Object.keys(shared),
    now: async () => clock.now(),
    tables: async () => tables.endpoint,
    environment: async () => environmentOf(parameters),
    start: executions.start,
    describe: executions.describe,
    lookUp: lookUpScenesOf(inbox, clock),
    enqueue: async (url: string, body: string, delaySeconds: number) => requests.send(url, body, delaySeconds),
    bury: async (body: string, reason: string) => requests.bury(body, reason),
    publish: observing.publish,
    // Over a link, times are texts.
    readMetrics: (query: MetricQuery) =>
      observing.metrics.read({ ...query, from: new Date(query.from), to: new Date(query.to) }),
    valuesOf: observing.metrics.valuesOf,
  });
  control.answer(questions);
  Object.assign(ofWorkers, questions, { [TABLE]: tables.ask }); // other processes reach the tables at their own port

  /** Stops intake, lets each batch in progress finish or soon aborts it, settles interrupted runs, and closes the tables. */
  async function close(): Promise<void> {
    stopIntake();
    machine.startNothingMore();
    if (machine.onTheirWay() > 0) workers.prepare(); // for settle
    const settle = functions.get('settle')!;
    const stopped = Promise.all([...functions.values(), jobs].filter((one) => one !== settle).map((one) => one.stop()));
    await Promise.race([Promise.all([stopped, machine.idle()]), pause(GRACE_MILLISECONDS, undefined, { ref: false })]);
    machine.abort();
    await Promise.race([settle.stop().then(workers.stop), pause(GRACE_MILLISECONDS / 4, undefined, { ref: false })]);
    await opened.disposeAsync();
  }

  const opened = open.move();
  return {
    ...shared,
    folder,
    tables: client,
    ledger,
    executions,
    now: clock.now,
    readMetrics: observing.metrics as MetricsReader,
    readOutbox: () => readOutbox(folder.outbox),
    close,
    clock,
    /** Starts files that are already in the inbox, and from now on every file that arrives there completely. */
    startIntake,
    /** Gathers an event with others, if a window is set, like that of an arriving file. */
    gather: (scene: SceneRef) => queue?.send(scene),
    /** Starts a scene's execution, as its event does, and returns how it ended. */
    deliver: async (scene: SceneRef) => machine.ended(await startExecution(sceneInput(scene))),
    /** Sweeps as the schedule does; resolves when the sweep, and all that it started, has ended. */
    sweep: async () => {
      await machine.ended(await startSweep());
      await Promise.all([machine.idle(), registry.idle()]);
    },
    /** Publishes datums of services that a laptop does not have, such as a queue. */
    putMetrics,
    /** Resolves when no execution is running or due, of this process or of another one that asked. */
    idle: () => {
      held.look();
      return machine.idle();
    },
    /** From now on, tells this listener of every alarm that goes off or is over. */
    tellOfAlarms: (listener: typeof onAlarm) => {
      onAlarm = listener;
    },
    consoleIsAt: (url: string) => {
      consoleUrl = url;
    },
  };
}

/** The functions' environment, as in a deployment with these parameters. */
export const environmentOf = (parameters: Parameters): Record<string, string> => ({
  ...environmentOfParameters((name) => parameters[name]),
  STAGE: LOCAL_STAGE,
  STATE_MACHINE_ARN,
  LEDGER_TABLE,
  METRICS_TABLE,
  FEATURES_TABLE,
  INBOX_BUCKET: INBOX,
  RESULTS_BUCKET: RESULTS,
  MODELS_BUCKET: 'models',
  SQL_DATABASE: '', // DuckDB finds files by their folders
});
