import { basename } from 'node:path';
import type { ModelRef } from '../functions/shared/messages.ts';
import { runId } from '../functions/shared/run.ts';
import { connectStack } from '../local/connect.ts';
import { OwnerGone } from '../local/control.ts';
import { INBOX } from '../local/inbox.ts';
import { publishModel } from '../local/models.ts';
import { coresToUse } from '../local/stack.ts';
import { promotedModel } from './model.ts';
import { showProgress } from './progress.ts';
import { type Line, summaryTable, toJson } from './report.ts';
import { checkFile, type Ended, runScene } from './scene.ts';

type Options = { model?: string; json?: boolean; dataDir: string };

/** So many files are on their way at once. */
const IN_FLIGHT = 4;

/** `swath classify FILE…`: one shot through the same state machine as everything else. */
export async function classify(files: string[], options: Options): Promise<void> {
  for (const file of files) checkFile(file);
  const connect = () => connectStack({ dataDir: options.dataDir, command: 'swath classify', cores: coresToUse() });
  let stack = connect();
  const { folder } = await stack;
  let isStopping = false;
  let sending: Promise<unknown> = Promise.resolve();
  const stop = () => {
    if (isStopping) return; // a terminal and a parent process may both send the signal
    isStopping = true;
    void stack
      .then(({ close }) => close())
      .then(() => {
        console.error('swath: interrupted. Run the same command again for the files that are not done.');
        process.exit(130);
      });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);

  let done = 0;
  const endProgress = showProgress(() => `classifying: ${done} of ${files.length} files done`);
  try {
    const model = await (options.model === undefined
      ? promotedModel(folder, new Date())
      : publishModel(folder.models, options.model));
    const lines: Line[] = [];
    const work = async (file: string): Promise<Line> => {
      const ended = await classifyOne(file, model);
      done += 1;
      return { file, ...ended };
    };
    await inOrder(files, work, (line) => {
      lines.push(line);
      if (options.json === true) console.log(JSON.stringify(toJson(line.file, line.row, folder.results)));
    });
    endProgress();
    if (options.json !== true) console.log(summaryTable(lines));
    process.exitCode = lines.some(({ row: { state } }) => state === 'FAILED' || state === 'INVALID') ? 1 : 0;
  } finally {
    endProgress();
    if (!isStopping) {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      const last = await stack;
      if ('idle' in last) await last.idle(); // another process may have files on their way here
      await last.close();
    }
  }

  /** Where the process that had the stack goes away in the middle, ours takes the folder over and goes on. */
  async function classifyOne(file: string, model: ModelRef): Promise<Ended> {
    const current = stack;
    try {
      const { send, ...rest } = await current;
      // One after the other, so that of two equal files the first one named is the one that counts.
      const scene = sending.then(() => send(file));
      sending = scene.catch(() => {});
      return await runScene(rest, await scene, model);
    } catch (error) {
      const isOwnerGoing = error instanceof OwnerGone || (error instanceof Error && error.name === 'Interrupted');
      if (!isOwnerGoing || isStopping) return neverStarted(file, model, error);
      if (stack === current) stack = connect();
      return classifyOne(file, model);
    }
  }
}

/** A file that did not even get into the inbox: a full disk, no permission. */
function neverStarted(file: string, model: ModelRef, error: unknown): Ended {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const scene = { bucket: INBOX, key: basename(file), versionId: 'none' };
  const at = new Date().toISOString();
  const id = { run: runId(scene, model), scene, model, execution: '', attempt: 0, attemptLimit: 0 };
  const failure = { name, message, step: 'Send', attempt: 0, at };
  return { row: { ...id, state: 'FAILED', changed: at, claimedAt: at, error: failure }, wasSettledBefore: false };
}

/** Works on a few items at once, and hands the results on in the items' order, each as soon as it is its turn. */
async function inOrder<Item, Result>(
  items: Item[],
  work: (item: Item) => Promise<Result>,
  onResult: (result: Result) => void,
): Promise<void> {
  const working: Promise<Result>[] = [];
  for (const item of items) {
    working.push(work(item));
    if (working.length === IN_FLIGHT) onResult(await working.shift()!);
  }
  for (const result of working) onResult(await result);
}
