import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerQuestions } from '../child.ts';
import type { SuiteResult } from '../suite.ts';
import { SUITES, type SuiteName } from '../suites.ts';

/** One suite in a process of its own, so that what it leaves behind in memory slows none of the others. */

export type Question = { name: SuiteName; isQuick: boolean };

process.setMaxListeners(50); // each process that it starts ends with it

answerQuestions(async ({ name, isQuick }: Question): Promise<SuiteResult> => {
  const { title, run } = await SUITES[name]();
  const folder = mkdtempSync(join(tmpdir(), `swath-bench-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const notes: string[] = [];
  const started = performance.now();
  const figures = await run({
    isQuick,
    folder,
    tell: (progress) => console.error(`${name}: ${progress}`),
    note: (text) => notes.push(text),
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  return { suite: name, title, seconds, figures, notes };
});
