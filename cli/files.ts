import { basename } from 'node:path';
import { inOrder } from '../core/inOrder.ts';
import { jsonLine } from '../core/jsonLine.ts';
import type { ModelRef } from '../core/messages.ts';
import { OwnerGone } from '../local/control.ts';
import { INBOX } from '../local/inbox.ts';
import { explainAwsError } from './explainAwsError.ts';
import { onInterrupt } from './interrupt.ts';
import { showProgress } from './progress.ts';
import { type Line, predictionPaths, resultPaths, summaryTable, toJson } from './report.ts';
import { checkFile, type Ended, unwritten } from './scene.ts';
import { bold, printable } from './text.ts';
import { pathFromHere } from './where.ts';

/** What the files go through: the embedded stack, or a service. */
type Opened = { idle?: () => Promise<void>; close: () => Promise<void> };

type FilesThrough<Through extends Opened, Answer> = {
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
  using endProgress = showProgress(() => describe(done));
  using interrupt = onInterrupt(async () => {
    endProgress();
    await onStop?.();
    await (await through).close();
  }, interrupted);
  try {
    const model = await begin(await through);
    const answers = inOrder(files, atOnce, async (file) => {
      const answer = await workOn(file, model);
      done += 1;
      return { file, answer, through: await through };
    });
    for await (const { file, answer, through: current } of answers) tell(file, answer, current);
    endProgress();
    end();
  } finally {
    endProgress();
    if (!interrupt.isStopping()) {
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
  const paths: string[] = [];
  const maps: string[] = [];
  return {
    tell: (line: Line, results: string | null) => {
      lines.push(line);
      if (results !== null) {
        paths.push(...predictionPaths(line.row, results));
        maps.push(...resultPaths(line.row, results));
      }
      if (json) console.log(jsonLine(toJson(line.file, line.row, results)));
    },
    /** Prints the table, and sets the exit code. */
    end: () => {
      if (!json)
        console.log(`${summaryTable(lines)}${whereTheyAre('predictions', paths)}${whereTheyAre('results', maps)}`);
      process.exitCode = lines.some(({ row: { state } }) => state === 'FAILED' || state === 'INVALID') ? 1 : 0;
    },
  };
}

/** So many files of predictions are named; of more, their folder says as much. */
const PATHS_TOLD = 10;

function whereTheyAre(what: string, paths: string[]): string {
  if (paths.length === 0) return '';
  const told = paths.slice(0, PATHS_TOLD).map((path) => `\n  ${printable(pathFromHere(path))}`);
  const more = paths.length > PATHS_TOLD ? `\n  and ${paths.length - PATHS_TOLD} more` : '';
  return `\n\n${bold(what)}${told.join('')}${more}`;
}

/** What is said of a file that did not even get a run: a full disk, no permission, an event that does not come. */
export function neverStarted(file: string, model: ModelRef, error: unknown): Ended {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const sentence = error instanceof Error ? explainAwsError(error)?.sentence : undefined;
  const scene = { bucket: INBOX, key: basename(file), versionId: 'none' };
  return unwritten(scene, model, { name, message: sentence ?? message, step: 'Send', attempt: 0 });
}
