import { inOrder } from '../../core/base/concurrency/inOrder.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { INBOX } from '../../local/buckets/inbox.ts';
import { sceneFileAt } from '../../local/buckets/sceneFolder.ts';
import { OwnerGone } from '../../local/stack/control.ts';
import { type Line, predictionPaths, resultPaths, summaryTable, toJson } from '../runs/report.ts';
import { pathFromHere } from '../service/where.ts';
import { explainAwsError } from '../terminal/explainAwsError.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, printable, showProgress } from '../terminal/output.ts';
import { checkFile, type Ended, unwritten } from './scene.ts';

type Opened = { idle?: () => Promise<void>; close: () => Promise<void> };

type FilesThrough<Through extends Opened, Answer> = {
  open: () => Promise<Through>;
  begin: (through: Through) => Promise<ModelRef>;
  work: (through: Through, file: string, model: ModelRef) => Promise<Answer>;
  failed: (file: string, model: ModelRef, error: unknown) => Answer;
  /** Receives the answers in the order of the files, each as soon as it is its turn. */
  tell: (file: string, answer: Answer, through: Through) => void;
  end: () => void;
  atOnce: number;
  describe: (done: number) => string;
  interrupted: string;
  onStop?: () => Promise<void>;
};

/** Processes the files, and folders that are scenes, a few at a time, and closes the stack or service afterwards. */
export async function eachFile<Through extends Opened, Answer>(
  paths: string[],
  { open, begin, work, failed, tell, end, atOnce, describe, interrupted, onStop }: FilesThrough<Through, Answer>,
): Promise<void> {
  const files = paths.map(sceneFileAt);
  for (const file of files) checkFile(file);
  let through = open();
  await through;
  let done = 0;
  using endProgress = showProgress(() => describe(done));
  using interrupt = onInterrupt(async () => {
    await onStop?.();
    await (await through).close();
  }, interrupted);
  try {
    const model = await within(begin);
    const answers = inOrder(files, atOnce, async (file) => {
      const answered = within((current) => work(current, file, model));
      const answer = await answered.catch((error) => failed(file, model, error));
      done += 1;
      return { file, answer, through: await through };
    });
    for await (const { file, answer, through: current } of answers) tell(file, answer, current);
    endProgress();
    end();
  } finally {
    endProgress();
    if (!interrupt.stopped.aborted) {
      const last = await through;
      await last.idle?.(); // another process may have files in progress here
      await last.close();
    }
  }

  /** If the process that owns the stack ends meanwhile, this one takes over the folder and continues. */
  async function within<Result>(use: (through: Through) => Promise<Result>): Promise<Result> {
    const current = through;
    try {
      const result = await use(await current);
      return interrupt.stopped.aborted ? interrupt.never() : result; // an error caused by the interruption says nothing about the file
    } catch (error) {
      if (interrupt.stopped.aborted) return interrupt.never();
      const isOwnerGoing = error instanceof OwnerGone || (error instanceof Error && error.name === 'Interrupted');
      if (!isOwnerGoing) throw error;
      if (through === current) through = open();
      return within(use);
    }
  }
}

/** Collects the outcomes of files: prints JSON lines at once, or a table when all are done. */
export function makeSummary(json: boolean) {
  const lines: Line[] = [];
  const paths: string[] = [];
  const maps: string[] = [];
  return {
    tell: (line: Line & { file: string }, results: string | null) => {
      lines.push(line);
      if (results !== null) {
        paths.push(...predictionPaths(line.row, results));
        maps.push(...resultPaths(line.row, results));
      }
      if (json) console.log(jsonLine(toJson(line.file, line.row, results)));
    },
    end: () => {
      if (!json)
        console.log(`${summaryTable(lines)}${whereTheyAre('predictions', paths)}${whereTheyAre('results', maps)}`);
      process.exitCode = lines.some(({ row: { state } }) => state === 'FAILED' || state === 'INVALID') ? 1 : 0;
    },
  };
}

const PATHS_TOLD = 10;

function whereTheyAre(what: string, paths: string[]): string {
  if (paths.length === 0) return '';
  const told = paths.slice(0, PATHS_TOLD).map((path) => `\n  ${printable(pathFromHere(path))}`);
  const more = paths.length > PATHS_TOLD ? `\n  and ${paths.length - PATHS_TOLD} more` : '';
  return `\n\n${bold(what)}${told.join('')}${more}`;
}

/** Describes a file that got no run: a full disk, no permission, an event that does not come. */
export function neverStarted(file: string, model: ModelRef, error: unknown): Ended {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const sentence = error instanceof Error ? explainAwsError(error)?.sentence : undefined;
  const scene = { bucket: INBOX, key: file, versionId: 'none' };
  return unwritten(scene, model, { name, message: sentence ?? message, step: 'Send', attempt: 0 });
}
