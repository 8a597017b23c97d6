import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { limitFunction } from 'p-limit';
import { bytes } from '../../charts/format.ts';
import type { Sent, Service } from '../../console/service.ts';
import { onError } from '../../core/base/errors.ts';
import { CANARY_FOLDER, isBulk, isCanary } from '../../core/base/keys.ts';
import { type ModelRef, modelId, runId } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { executionNameOf, makeAccept } from '../../core/ledger/accept.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { makeRetry, NotRetryable } from '../../core/ledger/retry.ts';
import { isRunning } from '../../core/ledger/states.ts';
import { assertTaken } from '../../core/releases/serving.ts';
import { coresToUse } from '../../local/stack/stack.ts';
import { modelOf } from '../models/model.ts';
import { followRun, NoRun } from '../service/follow.ts';
import { commandFor, openService, type Where } from '../service/ledger.ts';
import { dim, printable, table, WrongUse } from '../terminal/output.ts';
import { eachFile, makeSummary, neverStarted } from './files.ts';
import type { Ended } from './scene.ts';

type Options = Where & { keyPrefix?: string; follow: boolean };

/** How many runs are followed at once; files are sent one after the other, each in several parts. */
const AT_ONCE = 32;
/** How long Ctrl-C waits for the interrupted upload to be aborted. */
const CUT_OFF_MILLISECONDS = 5000;

/** `swath send FILE…`: uploads files into the inbox, and follows their runs to the end. */
export async function send(files: string[], { keyPrefix: prefix = '', follow, ...where }: Options): Promise<void> {
  const keyPrefix = keyPrefixOf(prefix);
  const json = where.json === true;
  const stopping = new AbortController();
  let progress = '';
  let sending: Promise<unknown> = Promise.resolve();
  const putOne = async (service: Service, file: string) => {
    const { inboxPrefix, bulkPrefix } = service;
    if (isBulk(inboxPrefix + keyPrefix, bulkPrefix))
      // which raise no event, so nothing would happen before the next sweep
      throw new WrongUse(
        `--key-prefix: ${printable(bulkPrefix)} is for bulk files, which start no runs by themselves. Copy them there with any tool, and then ${printable(bulkPrefix)}<folder>/_DONE; or choose another prefix.`,
      );
    const { size } = statSync(file);
    const tell = (sent: number) => {
      progress = `sending ${basename(file)}: ${size === 0 ? 100 : Math.floor((100 * sent) / size)} % of ${bytes(size)}; `;
    };
    tell(0);
    const sent = service.send(file, { keyPrefix, onProgress: tell, signal: stopping.signal });
    sending = sent.catch(() => {});
    await sending;
    progress = '';
    return { file, ...(await sent) };
  };
  const put = limitFunction(putOne, { concurrency: 1 });
  const through = {
    open: () => openService(where, coresToUse()),
    begin: (service: Service) => modelOf(service, where),
    atOnce: AT_ONCE,
    describe: (done: number) => `${progress}${done} of ${files.length} files ${follow ? 'done' : 'sent'}`,
    interrupted: `interrupted. What was sent continues ${where.stage === undefined ? 'with the next start' : 'by itself'}: "${printable(commandFor(where, 'runs'))}" shows it.`,
    onStop: async () => {
      stopping.abort();
      await Promise.race([sending, setTimeout(CUT_OFF_MILLISECONDS)]);
    },
  };
  if (follow) {
    const summary = makeSummary(json);
    await eachFile<Service, Ended[]>(files, {
      ...through,
      work: async (service, file) => {
        const sent = await put(service, file);
        const takers = await takersOf(service, sent);
        return Promise.all(takers.map((model) => followed(service, sent, model, where)));
      },
      failed: (...about) => [neverStarted(...about)],
      tell: (file, all, { results }) => {
        for (const ended of all) summary.tell({ file, ...ended }, results);
      },
      end: summary.end,
    });
    return;
  }
  const sent: Told[] = [];
  await eachFile<Service, Told[]>(files, {
    ...through,
    work: async (service, file) => {
      const sent = await put(service, file);
      const { bucket, key, versionId: version } = sent.scene;
      const takers = await takersOf(service, sent);
      for (const model of takers) await startIfNeeded(service, sent, model);
      return takers.map((model) => ({ file, bucket, key, version, model, run: runId(sent.scene, model), error: null }));
    },
    failed: (file, model, error) => {
      const { message } = neverStarted(file, model, error).row.error!;
      return [{ file, bucket: null, key: null, version: null, model: null, run: null, error: message }];
    },
    tell: (_file, all) => {
      sent.push(...all);
      if (json) for (const told of all) console.log(jsonLine(told));
    },
    end: () => {
      const rows = sent.map(({ file, key, run, error }) => [file, key ?? '–', run ?? error ?? ''].map(printable));
      if (!json)
        console.log(`${table(['file', 'key', 'run'], rows)}\n${dim(`See how they end: ${commandFor(where, 'runs')}`)}`);
      process.exitCode = sent.some(({ error }) => error !== null) ? 1 : 0;
    },
  });
}

type Told = Record<'bucket' | 'key' | 'version' | 'run' | 'error', string | null> & {
  file: string;
  model: ModelRef | null;
};

type SentFile = Sent & { file: string };

const takersOf = async ({ models }: Service, { scene }: Sent) => assertTaken(await models.serving(), scene.key);

/** Follows a model's run of a sent file to its end. A run that failed before gets another attempt, since the user asks. */
async function followed(service: Service, sent: SentFile, model: ModelRef, where: Where): Promise<Ended> {
  const before = await rowOf(service, sent, model);
  if (before !== undefined && !isRunning(before.state) && before.state !== 'FAILED')
    return { row: before, wasSettledBefore: true };
  const execution =
    before?.state === 'FAILED'
      ? (await makeRetry(service)(before.run).catch(onError(NotRetryable, () => undefined)))?.execution
      : await startIfNeeded(service, sent, model, before);
  // A new object has no runs by the model's other versions: whichever one took it, this is its run.
  const of = { model: sent.eventFollows ? { name: model.name } : model };
  const why = where.stage === undefined ? '' : `"${commandFor(where, 'doctor')}" says why; `;
  const next = `${why}"${commandFor(where, 'sweep')}" takes it up.`;
  const following = followRun(service, sent.scene, { ...of, ...(execution !== undefined && { execution }) });
  const ended = following.then((row) => ({ row, wasSettledBefore: false }));
  const noRun = ({ message }: NoRun) => neverStarted(sent.file, model, new NoRun(`${message} ${next}`));
  return ended.catch(onError(NoRun, noRun));
}

/** Settled runs may stem from an event that came quickly; if the event is still to come, there are none. */
const rowOf = async ({ ledger }: Service, { scene, eventFollows }: Sent, model: ModelRef) =>
  eventFollows ? undefined : (await ledger.ofScene(scene)).find((row) => modelId(row.model) === modelId(model));

/** Starts a run that no event will start, unless there is one; returns the execution. */
async function startIfNeeded(service: Service, sent: Sent, model: ModelRef, before?: LedgerRow) {
  if (sent.eventFollows || (before ?? (await rowOf(service, sent, model))) !== undefined) return undefined;
  const arrival = { scene: sent.scene, model };
  await makeAccept(service.executions)(arrival);
  return service.executions.arnOf(executionNameOf(arrival));
}

/** S3 keys have up to 1,024 bytes; this leaves room for the digest and the file's name. */
const MAX_PREFIX_BYTES = 700;

/** Checks the folder of the inbox that the user named, and ends it with a slash; refuses reserved ones. */
function keyPrefixOf(text: string): string {
  if (text === '') return '';
  const folder = text.replace(/\/$/, '');
  const prefix = `${folder}/`;
  if (isCanary(prefix))
    throw new WrongUse(
      `--key-prefix: ${CANARY_FOLDER} is reserved for canaries, and files there are not classified. Choose another one.`,
    );
  const isStrange = folder.split('/').some((segment) => segment === '' || segment.startsWith('.'));
  if (isStrange || Buffer.byteLength(prefix) > MAX_PREFIX_BYTES)
    throw new WrongUse(
      `--key-prefix: found ${JSON.stringify(text)}, allowed are names of folders with slashes between them, such as north/2026, of at most ${MAX_PREFIX_BYTES} bytes; none is empty or begins with a dot.`,
    );
  return prefix;
}
