import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { bytes } from '../charts/format.ts';
import type { Sent, Service } from '../console/service.ts';
import { executionNameOf, makeAccept } from '../core/door.ts';
import { NoModelPromoted } from '../core/errors.ts';
import { jsonLine } from '../core/jsonLine.ts';
import { CANARY_FOLDER, isBulk, isCanary } from '../core/keys.ts';
import { isRunning, type LedgerRow } from '../core/ledger/ledgerRow.ts';
import { makeRetry, NotRetryable } from '../core/ledger/retry.ts';
import type { ModelRef } from '../core/messages.ts';
import { assertTaken } from '../core/models/serving.ts';
import { oneAtATime } from '../core/oneAtATime.ts';
import { modelId, runId } from '../core/run.ts';
import { openDataFolder } from '../local/dataFolder.ts';
import { coresToUse } from '../local/stack.ts';
import { WrongUse } from './failure.ts';
import { eachFile, makeSummary, neverStarted } from './files.ts';
import { followRun, NoRun } from './follow.ts';
import { openService } from './ledger.ts';
import { promotedModel } from './model.ts';
import type { Ended } from './scene.ts';
import { dim, printable, table } from './text.ts';
import { commandFor, type Where } from './where.ts';

type Options = Where & { keyPrefix?: string; follow: boolean };

/** So many runs are followed at once; files are sent one after the other, each in several parts. */
const AT_ONCE = 32;
/** So long, it is waited for the upload that Ctrl-C cuts off to be taken back. */
const CUT_OFF_MILLISECONDS = 5000;

/** `swath send FILE…`: into the inbox as any other file comes there, and then along with each run to its end. */
export async function send(files: string[], { keyPrefix: prefix = '', follow, ...where }: Options): Promise<void> {
  const keyPrefix = keyPrefixOf(prefix);
  const json = where.json === true;
  const stopping = new AbortController();
  let progress = '';
  let sending: Promise<unknown> = Promise.resolve();
  const put = oneAtATime(async (service: Service, file: string) => {
    assertSendsEvents(keyPrefix, service);
    const { size } = statSync(file);
    const tell = (sent: number) => {
      progress = `sending ${basename(file)}: ${size === 0 ? 100 : Math.floor((100 * sent) / size)} % of ${bytes(size)}; `;
    };
    tell(0);
    const sent = service.send(file, { keyPrefix, onProgress: tell, signal: stopping.signal });
    sending = sent.catch(() => {});
    await sending;
    progress = '';
    return sent;
  });
  const through = {
    open: () => openService(where, coresToUse()),
    begin: (service: Service) => modelOf(service, where),
    atOnce: AT_ONCE,
    describe: (done: number) => `${progress}${done} of ${files.length} files ${follow ? 'done' : 'sent'}`,
    interrupted: `interrupted. What was sent goes on ${where.stage === undefined ? 'with the next start' : 'by itself'}: "${printable(commandFor(where, 'runs'))}" shows it.`,
    onStop: async () => {
      stopping.abort();
      await Promise.race([sending, setTimeout(CUT_OFF_MILLISECONDS)]);
    },
  };
  if (follow) {
    const summary = makeSummary(json);
    await eachFile<Service, Ended>(files, {
      ...through,
      work: async (service, file) => followed(service, await put(service, file), where),
      failed: neverStarted,
      tell: (file, ended, { results }) => summary.tell({ file, ...ended }, results),
      end: summary.end,
    });
    return;
  }
  const sent: Told[] = [];
  await eachFile<Service, Told>(files, {
    ...through,
    work: async (service, file) => {
      const sent = await put(service, file);
      const { bucket, key, versionId } = sent.scene;
      const takers = await takersOfSent(service, sent);
      for (const model of takers) await startIfNeeded(service, sent, model);
      return { file, bucket, key, version: versionId, run: runId(sent.scene, takers[0]), error: null };
    },
    failed: (file, model, error) => {
      const { message } = neverStarted(file, model, error).row.error!;
      return { file, bucket: null, key: null, version: null, run: null, error: message };
    },
    tell: (_file, told) => {
      sent.push(told);
      if (json) console.log(jsonLine(told));
    },
    end: () => {
      if (!json) console.log(`${sentTable(sent)}\n${dim(`How they end: ${commandFor(where, 'runs')}`)}`);
      process.exitCode = sent.some(({ error }) => error !== null) ? 1 : 0;
    },
  });
}

type Told = Record<'bucket' | 'key' | 'version' | 'run' | 'error', string | null> & { file: string };

function sentTable(sent: Told[]): string {
  const rows = sent.map(({ file, key, run, error }) => [file, key ?? '–', run ?? error ?? ''].map(printable));
  return table(['file', 'key', 'run'], rows);
}

/** A version that classifies what is sent now. On a new data folder, it is the bundled one's first hour. */
async function modelOf({ models, parameters, stage, now }: Service, where: Where): Promise<ModelRef> {
  if (where.stage === undefined) return promotedModel(openDataFolder(where.dataDir), now());
  const [first] = (await models.serving()).live;
  if (first !== undefined) return first.model;
  throw new NoModelPromoted(
    `no version of the model ${parameters.modelName} is promoted on the stage ${stage}, so nothing can be classified there. ` +
      `Publish and promote one: ${commandFor(where, 'model publish FOLDER --promote')}`,
  );
}

/** The live models that take what was sent: the first, whose run is followed, and the others. */
async function takersOfSent({ models }: Service, { scene }: Sent): Promise<[ModelRef, ...ModelRef[]]> {
  return assertTaken(await models.serving(), scene.key);
}

/** Follows the run of what was sent to its end; one that had failed before is given another attempt, since a person asks. */
async function followed(service: Service, sent: Sent, where: Where): Promise<Ended> {
  const [model, ...others] = await takersOfSent(service, sent);
  for (const other of others) await startIfNeeded(service, sent, other);
  const before = await rowOf(service, sent, model);
  if (before !== undefined && !isRunning(before.state) && before.state !== 'FAILED')
    return { row: before, wasSettledBefore: true };
  try {
    const execution =
      before?.state === 'FAILED' ? await tryAgain(service, before) : await startIfNeeded(service, sent, model, before);
    // What has only just come is known by no other model version: whichever took it, it is its run.
    const of = sent.eventFollows ? {} : { model };
    const row = await followRun(service, sent.scene, { ...of, ...(execution !== undefined && { execution }) });
    return { row, wasSettledBefore: false };
  } catch (error) {
    throw error instanceof NoRun ? withNextSteps(error, where) : error;
  }
}

/** Runs that are settled already may be of an event that came quickly; of one that follows, there are none before. */
async function rowOf({ ledger }: Service, { scene, eventFollows }: Sent, model: ModelRef) {
  if (eventFollows) return undefined;
  return (await ledger.ofScene(scene)).find((row) => modelId(row.model) === modelId(model));
}

/** Starts what no event will start, unless it has a run; answers the execution that was started. */
async function startIfNeeded(service: Service, sent: Sent, model: ModelRef, before?: LedgerRow) {
  if (sent.eventFollows || (before ?? (await rowOf(service, sent, model))) !== undefined) return undefined;
  const arrival = { scene: sent.scene, model };
  await makeAccept(service.executions)(arrival);
  return service.executions.arnOf(executionNameOf(arrival));
}

async function tryAgain({ ledger, executions, now }: Service, { run }: LedgerRow): Promise<string | undefined> {
  try {
    return (await makeRetry({ ledger, executions, now })(run)).execution;
  } catch (error) {
    if (error instanceof NotRetryable) return undefined;
    throw error;
  }
}

function withNextSteps(error: NoRun, where: Where): NoRun {
  const why = where.stage === undefined ? '' : `"${commandFor(where, 'doctor')}" says why; `;
  return new NoRun(`${error.message} ${why}"${commandFor(where, 'sweep')}" takes it up.`, { cause: error });
}

/** S3 takes keys of 1,024 bytes; so much is left for the digest and the file's name. */
const MAX_PREFIX_BYTES = 700;

/** Bulk files raise no event, so nothing would come of one that is sent before the next sweep. */
function assertSendsEvents(keyPrefix: string, { inboxPrefix, bulkPrefix }: Service): void {
  if (isBulk(inboxPrefix + keyPrefix, bulkPrefix))
    throw new WrongUse(
      `--key-prefix: ${printable(bulkPrefix)} is for files in bulk, which start nothing by themselves. Copy them there by any tool, and ${printable(bulkPrefix)}<folder>/_DONE after them; or choose another prefix.`,
    );
}

/** The folder of the inbox that a person named, with a slash at its end; refused where no scene may lie. */
function keyPrefixOf(text: string): string {
  if (text === '') return '';
  const folder = text.replace(/\/$/, '');
  const prefix = `${folder}/`;
  if (isCanary(prefix))
    throw new WrongUse(
      `--key-prefix: ${CANARY_FOLDER} is reserved: what lies there shows that events arrive, and is not classified. Choose another one.`,
    );
  const isStrange = folder.split('/').some((segment) => segment === '' || segment.startsWith('.'));
  if (isStrange || Buffer.byteLength(prefix) > MAX_PREFIX_BYTES)
    throw new WrongUse(
      `--key-prefix: found ${JSON.stringify(text)}, allowed are names of folders with slashes between them, such as north/2026, of at most ${MAX_PREFIX_BYTES} bytes; none is empty or begins with a dot.`,
    );
  return prefix;
}
