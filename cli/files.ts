import { basename } from 'node:path';
import { jsonLine } from '../core/jsonLine.ts';
import type { ModelRef } from '../core/messages.ts';
import { runId } from '../core/run.ts';
import { OwnerGone } from '../local/control.ts';
import { INBOX } from '../local/inbox.ts';
import { awsTrouble } from './awsTrouble.ts';
import { onInterrupt } from './interrupt.ts';
import { showProgress } from './progress.ts';
import { type Line, summaryTable, toJson } from './report.ts';
import { checkFile, type Ended } from './scene.ts';

/** What the files go through: the embedded stack, or a service. */
type Opened = { idle?: () => Promise<void>; close: () => Promise<void> };

export type FilesThrough<Through extends Opened, Answer> = {
  open: () => Promise<Through>;
  /** What is done once, before the first file. */
  begin: (through: Through) => Promise<ModelRef>;
  work: (through: Through, file: string, model: ModelRef) => Promise<Answer>;
  /** The answer for a file on which the work broke off. */
  failed: (file: string, model: ModelRef, error: unknown) => Answer;
  /** Hears the answers in the order of the files, each as soon as it is its turn. */
  tell: (file: string, answer: Answer, through: Through) => void;
  /** Says what is to be said when all are done. */
  end: () => void;
  /** So many files are on their way at once. */
  atOnce: number;
  /** What is going on, for a line of progress. */
  describe: (done: number) => string;
  /** What is said to one who stops it in the middle. */
  interrupted: string;
  /** Hears that it is being stopped, and is waited for. */
  onStop?: () => Promise<void>;
};

/** Has each of the files go its way, a few at once, and lets go of what they went through. */
export async function eachFile<Through extends Opened, Answer>(
  files: string[],
  { open, begin, work, failed, tell, end, atOnce, describe, interrupted, onStop }: FilesThrough<Through, Answer>,
): Promise<void> {
  for (const file of files) checkFile(file);
  let through = open();
  await through;
  let done = 0;
  const endProgress = showProgress(() => describe(done));
  const interrupt = onInterrupt(async () => {
    endProgress();
    await onStop?.();
    await (await through).close();
  }, interrupted);
  try {
    const model = await begin(await through);
    await inOrder(
      files,
      atOnce,
      async (file) => {
        const answer = await workOn(file, model);
        done += 1;
        return { file, answer, through: await through };
      },
      ({ file, answer, through: current }) => tell(file, answer, current),
    );
    endProgress();
    end();
  } finally {
    endProgress();
    if (!interrupt.isStopping()) {
      interrupt.over();
      const last = await through;
      await last.idle?.(); // another process may have files on their way here
      await last.close();
    }
  }

  /** Where the process that had the stack goes away in the middle, ours takes the folder over and goes on. */
  async function workOn(file: string, model: ModelRef): Promise<Answer> {
    const current = through;
    try {
      const answer = await work(await current, file, model);
      return interrupt.isStopping() ? interrupt.never() : answer; // that it was cut off says nothing of the file
    } catch (error) {
      if (interrupt.isStopping()) return interrupt.never();
      const isOwnerGoing = error instanceof OwnerGone || (error instanceof Error && error.name === 'Interrupted');
      if (!isOwnerGoing) return failed(file, model, error);
      if (through === current) through = open();
      return workOn(file, model);
    }
  }
}

/** Collects what became of files: as JSON a line each, at once, or as a table when all are done. */
export function makeSummary(json: boolean) {
  const lines: Line[] = [];
  return {
    tell: (line: Line, results: string | null) => {
      lines.push(line);
      if (json) console.log(jsonLine(toJson(line.file, line.row, results)));
    },
    /** Prints the table, and sets the exit code. */
    end: () => {
      if (!json) console.log(summaryTable(lines));
      process.exitCode = lines.some(({ row: { state } }) => state === 'FAILED' || state === 'INVALID') ? 1 : 0;
    },
  };
}

/** What is said of a file that did not even get a run: a full disk, no permission, an event that does not come. */
export function neverStarted(file: string, model: ModelRef, error: unknown): Ended {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const sentence = error instanceof Error ? awsTrouble(error)?.sentence : undefined;
  const scene = { bucket: INBOX, key: basename(file), versionId: 'none' };
  const at = new Date().toISOString();
  const id = { run: runId(scene, model), scene, model, execution: '', attempt: 0, attemptLimit: 0 };
  const failure = { name, message: sentence ?? message, step: 'Send', attempt: 0, at };
  return { row: { ...id, state: 'FAILED', changed: at, claimedAt: at, error: failure }, wasSettledBefore: false };
}

/** Does one thing after the other, in the order in which they are asked for. */
export function inTurn<Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) {
  let last: Promise<unknown> = Promise.resolve();
  return (...given: Given): Promise<Result> => {
    const done = last.then(() => work(...given));
    last = done.catch(() => {});
    return done;
  };
}

/** Works on a few items at once, and hands the results on in the items' order, each as soon as it is its turn. */
async function inOrder<Item, Result>(
  items: Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
  onResult: (result: Result) => void,
): Promise<void> {
  const working: Promise<Result>[] = [];
  for (const item of items) {
    working.push(work(item));
    if (working.length === atOnce) onResult(await working.shift()!);
  }
  for (const result of working) onResult(await result);
}
