import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from './benchResult.ts';
import { machineLine } from './machine.ts';
import type { SuiteResult } from './suite.ts';
import { asMarkdown } from './tables.ts';

const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** Puts the tables of the suites that ran into docs/performance.md, in the place of the former ones. */
export function writeTables(result: BenchResult): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(
    DOCUMENT,
    result.suites.reduce((written, suite) => withTable(written, suite, result), text),
  );
}

/** Each suite has a place of its own, so that one can be measured anew without the others. */
export function withTable(text: string, suite: SuiteResult, { machine, measuredAt }: BenchResult): string {
  const begin = `<!-- bench: written by \`npm run bench -- --suite ${suite.suite} --write\` -->`;
  const end = `<!-- /bench: ${suite.suite} -->`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/performance.md has no place between ${begin} and ${end}.`);
  const when = `Measured ${measuredAt.slice(0, 10)} in ${suite.seconds} s on ${machineLine(machine)}.`;
  return `${before}${begin}\n${asMarkdown(suite)}\n${when}\n${end}${after}`;
}
