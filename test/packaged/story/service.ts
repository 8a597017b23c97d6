import { readFile } from 'node:fs/promises';
import { parquetReadObjects } from 'hyparquet';
import { FUNCTIONS, type FunctionName } from '../../../core/base/functions.ts';
import { promotedKey } from '../../../core/base/keys.ts';
import type { SceneRef } from '../../../core/base/messages.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import { makeLedger } from '../../../core/ledger/ledger.ts';
import { readDefinition } from '../../../local/stack/service.ts';
import { connectLocalTables } from '../../../local/tables/tableClients.ts';
import { selfSigned } from '../../benches/certificate.ts';
import { startChat } from '../../benches/chat.ts';
import { startConstantModel } from '../../benches/constantModel.ts';
import { BASELINE } from '../../benches/packages.ts';
import { startRegistry } from '../../benches/registry.ts';
import { type Execution, type Fake, makeRunPipeline } from '../../stateMachine/runPipeline.ts';
import { type FakeAws, startFakeAws } from '../fakeAws.ts';
import { functionIn, roleOf, startPackaged } from '../functions.ts';
import { type Packaged, WITH_ALL } from '../package.ts';
import { type Call, covers, type Grant } from '../permissions.ts';
import { withBranches } from './walk.ts';

export const MODEL = { name: 'droughtwatch-baseline', version: '1.0.0' };
/** When a file came, unless a story says otherwise: its day is closed. */
export const YESTERDAY = new Date(Date.now() - 86_400_000);
export const CLOSED_DAY = YESTERDAY.toISOString().slice(0, 10);
const HOUR = 3_600_000;
/** Longer than the story takes, and no longer than a lease may be. */
const LEASE_SECONDS = 300;

/** Stands in for the report of a sweep that is told for something else: a real one takes a second. */
export const noReport: Fake = (message) => {
  const { judged } = message as { judged: { day: string }[] };
  return { reports: [], leftOut: [], revised: judged.map(({ day }) => day) };
};

/** A moment of the story: a function is about to ask for something. */
type Moment = { who: FunctionName; action: string; what?: RegExp };

/** The packaged functions in the hands of a story. */
export type Service = Awaited<ReturnType<typeof startService>>;

/** Starts every packaged function, with these rights and the environment that the template gives it, before a stand-in for AWS. */
export async function startService(packaged: Packaged, grants: readonly Grant[]) {
  const { template } = packaged;
  const buckets = functionIn(template, 'infer').Environment.Variables as Record<string, string>;
  const { INBOX_BUCKET: inbox = '', MODELS_BUCKET: models = '', RESULTS_BUCKET: results = '' } = buckets;

  const calls = new Map<FunctionName, Map<string, Call>>(FUNCTIONS.map((name) => [name, new Map()]));
  const entered = new Set<string>();
  const denied = new Set<string>();
  const moments: (Moment & { act: () => unknown })[] = [];

  /** What a function asks for is kept, whether its role allows it or not; but for what the story itself denies. */
  async function authorize(caller: string, call: Call): Promise<boolean | 'busy'> {
    const who = caller as FunctionName;
    const at = moments.findIndex(
      ({ who: whose, action, what }) => whose === who && action === call.action && (what?.test(call.resource) ?? true),
    );
    if (at >= 0 && (await moments.splice(at, 1)[0]!.act()) === 'busy') return 'busy';
    if (denied.has(`${who} ${call.action}`)) return false;
    calls.get(who)!.set(JSON.stringify(call), call);
    const role = roleOf(template, who);
    return grants.some((grant) => grant.role === role && covers(grant, call));
  }

  const aws: FakeAws = await startFakeAws(template, authorize);
  const certificate = selfSigned();
  const chat = await startChat(certificate);
  const registry = await startRegistry({ token: 't0ken' });
  const elsewhere = await startConstantModel('t0ken');
  const started = new Map<FunctionName, Awaited<ReturnType<typeof startPackaged>>>();

  /** Starts a function, or starts it anew: it remembers nothing. */
  async function startCold(name: FunctionName, more: Record<string, string> = {}): Promise<void> {
    started.get(name)?.stop();
    const trusted = name === 'webhook' ? { certificate: certificate.cert } : undefined;
    const others = { MLFLOW_TRACKING_URI: registry.url, ENDPOINT_HOSTS: `${WITH_ALL.endpointHosts},${elsewhere.url}` };
    started.set(name, await startPackaged(packaged, name, aws.endpoint, trusted, { ...others, ...more }));
  }

  function stop(): void {
    for (const one of started.values()) one.stop();
    aws.close();
    chat.close();
    registry.close();
    elsewhere.close();
  }

  try {
    for (const name of FUNCTIONS) await startCold(name);
    await putPackage(MODEL.version);
  } catch (error) {
    stop();
    throw error;
  }

  const { definition, branches } = withBranches(readDefinition());
  const stateMachine = String(template.Outputs['StateMachineArn']?.Value);
  const arnOf = (name: string) => `${stateMachine.replace(':stateMachine:', ':execution:')}:${name}`;
  const runPipeline = makeRunPipeline(definition, { onEntered: (state) => entered.add(state), arnOf });
  const functions = Object.fromEntries(
    FUNCTIONS.map((name): [string, Fake] => [name, (message) => started.get(name)!.invoke(message)]),
  );

  /** Runs an execution to its end; `others` stand in for functions. */
  async function run(input: unknown, name: string, others: Partial<Record<string, Fake>> = {}) {
    const execution: Execution = await runPipeline(input, { ...functions, ...others }, name);
    return { ...execution, end: execution.path.at(-1) };
  }

  const ledger: Ledger = makeLedger(connectLocalTables(aws.tables), buckets['LEDGER_TABLE']!);

  function put(bucket: string, id: string, bytes: Uint8Array, modified = YESTERDAY): void {
    aws.objects.get(bucket)!.set(id, { bytes, modified });
  }

  /** Somebody takes an object away. */
  function remove(bucket: string, id: string): void {
    if (!aws.objects.get(bucket)!.delete(id)) throw new Error(`${bucket} holds no ${id}.`);
  }

  function drop(key: string, bytes: Uint8Array, modified = YESTERDAY): SceneRef {
    put(inbox, `${key}#v1`, bytes, modified);
    return { bucket: inbox, key, versionId: 'v1' };
  }

  /** Puts a file beside a scene file, which is read as it is now. */
  function layBeside(key: string, content: string | Uint8Array): void {
    put(inbox, key, Buffer.from(content));
  }

  async function putPackage(version: string, item?: Uint8Array): Promise<void> {
    for (const file of ['item.json', 'model.onnx', 'reference.json']) {
      const bytes = await readFile(new URL(file, BASELINE));
      put(models, `${MODEL.name}/${version}/${file}`, file === 'item.json' && item !== undefined ? item : bytes);
    }
  }

  function promote(version: string): void {
    put(models, promotedKey(MODEL.name), Buffer.from(JSON.stringify({ version })));
  }

  /** Once, when a function is about to ask for something, something else happens before; `busy` is what it is told then. */
  function when(moment: Moment, act: () => unknown): void {
    moments.push({ ...moment, act });
  }

  /** From now on a function's role lacks an action, until what this answers is called. */
  function deny(who: FunctionName, action: string): () => void {
    denied.add(`${who} ${action}`);
    return () => denied.delete(`${who} ${action}`);
  }

  /** While something happens, a function's role lacks an action. */
  async function without<Result>(who: FunctionName, action: string, happens: () => Promise<Result>): Promise<Result> {
    const allow = deny(who, action);
    return happens().finally(allow);
  }

  /** Another execution takes a run over, as if its lease had been over for long. */
  async function takeOver(scene: SceneRef) {
    const held = (await ledger.get(scene, MODEL))!;
    const now = new Date();
    await ledger.renew(held, new Date(now.getTime() - HOUR), 0);
    const execution = arnOf('another');
    return ledger.claim({ scene, model: MODEL, execution, now, leaseSeconds: LEASE_SECONDS, attemptLimit: 3 });
  }

  /** All results but the reports and what SQL reads of a day, which each sweep writes. */
  function resultKeys(): string[] {
    return [...aws.objects.get(results)!.keys()].filter((key) => !/^(reports|runs|metrics)\//.test(key));
  }

  /** The predictions under a key. */
  async function predictionsAt(key: string): Promise<Record<string, unknown>[]> {
    return rowsOf(aws.objects.get(results)!.get(key)!.bytes);
  }

  return {
    aws,
    chat,
    registry,
    elsewhere,
    ledger,
    inbox,
    models,
    results,
    arnOf,
    run,
    put,
    remove,
    drop,
    layBeside,
    putPackage,
    promote,
    when,
    deny,
    without,
    takeOver,
    startCold,
    resultKeys,
    predictionsAt,
    callFunction: (name: FunctionName, message: unknown) => started.get(name)!.invoke(message),
    /** What the dashboard or a topic gets, which call functions by themselves. */
    answerOf: async (name: FunctionName, message: unknown) => String(await started.get(name)!.invoke(message)),
    /** What the story has come to: what was asked for, and which branches of the definition were taken. */
    callsOf: (name: FunctionName) => [...calls.get(name)!.values()],
    branches,
    entered,
    stop,
  };
}

export async function rowsOf(parquet: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: new Uint8Array(parquet).buffer });
}
