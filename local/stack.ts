import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { ExecutionStatus, Executions } from '../functions/shared/executions.ts';
import { type Ledger, makeLedger } from '../functions/shared/ledger.ts';
import { type SceneRef, sceneInput } from '../functions/shared/messages.ts';
import { STATE_MACHINE_ARN } from './arns.ts';
import { startControl } from './control.ts';
import { type DataFolder, openDataFolder } from './dataFolder.ts';
import { FUNCTIONS, type FunctionName, startFunction, type WorkerData } from './functions.ts';
import { INBOX, listScenesOf, openInbox } from './inbox.ts';
import { takeLock } from './lock.ts';
import { readParameters } from './service.ts';
import { type OnEnd, startStateMachine } from './stateMachine.ts';
import { connectLocalTables, LEDGER_TABLE, METRICS_TABLE, startTables } from './tables.ts';
import { watchFolder } from './watch.ts';

/** The embedded stack, as its owner has it and as other processes reach it. */
export type Stack = {
  folder: DataFolder;
  ledger: Ledger;
  executions: Executions;
  /** How an execution ended, as soon as it has. */
  ended: (execution: string) => Promise<ExecutionStatus>;
  /** Copies a file into the inbox, visible whole or not at all. */
  put: (file: string, key: string) => Promise<SceneRef>;
  close: () => Promise<void>;
};

/** The stack in the process that owns it. */
export type OwnStack = Stack & {
  port: number;
  /** Takes what lies in the inbox already, and from now on every file that comes to stand still there. */
  startIntake: () => Promise<void>;
  /** Resolves when no execution is on its way, of this process or of another one that asked. */
  idle: () => Promise<void>;
};

export type StackOptions = {
  dataDir: string;
  /** What other processes are told that has the folder. */
  command: string;
  /** Where to answer on the loopback; 0 is any free port. */
  port?: number;
  /** How many cores may infer at once. */
  cores?: number;
  onEnd?: OnEnd;
};

/** Of a stop's three seconds, so much is for what is on its way; the rest closes the tables. */
const GRACE_MILLISECONDS = 2200;
const CONCURRENT_EXECUTIONS = 8;

/** Brings the embedded stack up in this process. Throws `FolderInUse` when another one has the folder. */
export async function startStack({ dataDir, command, port = 0, cores = 1, onEnd }: StackOptions): Promise<OwnStack> {
  const folder = openDataFolder(dataDir);
  const token = randomUUID();
  const control = await startControl(token, port);
  const release = await takeLock(folder.path, folder.lock, {
    pid: process.pid,
    port: control.port,
    token,
    command,
  }).catch(async (error) => {
    await control.close();
    throw error;
  });
  const tables = await startTables(folder.tables);
  const log = createWriteStream(folder.log, { flags: 'a' });
  log.on('error', () => {}); // a full disk must not end the stack for want of a log line
  const parameters = readParameters();
  const client = connectLocalTables(tables.endpoint);
  const ledger = makeLedger(client, LEDGER_TABLE);
  const inbox = openInbox(folder.inbox, folder.versions);
  const functions = new Map(
    FUNCTIONS.map((name) => {
      const { inbox: inboxFolder, results, models, metrics } = folder;
      const data: WorkerData = {
        name,
        environment: environmentOf(parameters),
        tables: tables.endpoint,
        control: { port: control.port, token },
        folder: { inbox: inboxFolder, results, models, metrics },
      };
      return [name, startFunction(data, name === 'infer' ? cores : 1, (line) => log.write(line))] as const;
    }),
  );
  const invoke = (name: FunctionName, message: unknown) => functions.get(name)!.invoke(message);
  const machine = startStateMachine(invoke, CONCURRENT_EXECUTIONS, onEnd);
  const { executions } = machine;

  const start = async (input: unknown): Promise<string> => {
    const name = randomUUID(); // as EventBridge names them: by the event
    await executions.start(name, input);
    return executions.arnOf(name);
  };
  const listScenes = listScenesOf(inbox);
  let stopWatching = () => {};

  async function startIntake(): Promise<void> {
    const take = async (key: string): Promise<void> => {
      const found = await inbox.look(key);
      if (found?.isNew !== true) return;
      await start(sceneInput(found.scene));
    };
    stopWatching = watchFolder(folder.inbox, (key) => void take(key));
    await start({ sweep: { cursor: null } }); // what came, failed or was interrupted while nothing ran
  }

  control.answer({
    start: ({ name, input }: { name: string; input: unknown }) => executions.start(name, input),
    describe: ({ execution }: { execution: string }) => executions.describe(execution),
    ended: ({ execution }: { execution: string }) => machine.ended(execution),
    list: ({ cursor }: { cursor: string | null }) => listScenes(cursor),
    put: ({ file, key }: { file: string; key: string }) => inbox.put(file, key),
    tables: async () => tables.endpoint,
  });

  /** Stops intake, lets each batch in progress finish, settles what is interrupted, and closes the tables. */
  async function close(): Promise<void> {
    stopWatching();
    machine.startNothingMore();
    const { settle, ...others } = Object.fromEntries(functions) as Record<
      FunctionName,
      ReturnType<typeof startFunction>
    >;
    const stopped = Promise.all(Object.values(others).map((one) => one.stop()));
    await Promise.race([Promise.all([stopped, machine.idle()]), pause(GRACE_MILLISECONDS)]);
    machine.abort();
    await Promise.race([settle.stop(), pause(GRACE_MILLISECONDS / 4)]);
    client.destroy();
    await control.close();
    await tables.close();
    await new Promise((resolve) => log.end(resolve));
    release();
  }

  return {
    folder,
    ledger,
    executions,
    ended: machine.ended,
    put: inbox.put,
    close,
    port: control.port,
    startIntake,
    idle: machine.idle,
  };
}

/** The functions' environment, from the parameters that deploy them. */
function environmentOf(parameters: Record<string, string | number>): Record<string, string> {
  return {
    STAGE: 'local',
    STATE_MACHINE_ARN,
    LEDGER_TABLE,
    METRICS_TABLE,
    INBOX_BUCKET: INBOX,
    RESULTS_BUCKET: 'results',
    MODELS_BUCKET: 'models',
    MODEL_NAME: String(parameters['modelName']),
    CHIPS_PER_PART: String(parameters['chipsPerPart']),
    ATTEMPT_LIMIT: String(parameters['attemptLimit']),
    LEASE_MARGIN_SECONDS: String(parameters['leaseMarginSeconds']),
    DRIFT_THRESHOLD: String(parameters['driftThreshold']),
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
