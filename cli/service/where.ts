import { relative } from 'node:path';
import { printable } from '../../core/base/text/printable.ts';

/** Selects the embedded stack by its data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

export const DATA_DIR = '.swath';

/** A command for the same stack, as the user would type it. */
export function commandFor({ dataDir, stage, region, profile }: Partial<Where>, command: string): string {
  const folder = stage === undefined && dataDir !== DATA_DIR ? dataDir : undefined;
  const options = Object.entries({ stage, region, profile, 'data-dir': folder }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return ['npx swath', command, ...options].join(' ');
}

/** A path relative to the working folder, if it is inside; otherwise the path itself. */
export function pathFromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** Quotes a word for a shell, to be copied: unprintable characters as `$'…'` (bash, zsh, ksh, and POSIX since 2024). */
export function quoted(word: string): string {
  if (/^[\w./:@][\w./:@%+=-]*$/.test(word)) return word; // zsh expands =word to a program's path
  if (printable(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const letters = Array.from(word, (letter) => {
    if (letter === "'" || letter === '\\') return `\\${letter}`;
    if (printable(letter) === letter) return letter;
    return Array.from(Buffer.from(letter), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `$'${letters.join('')}'`;
}
