import { relative } from 'node:path';
import { printable } from '../core/printable.ts';

/** Where to look: the embedded stack's data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

/** The data folder where nobody names another one. */
export const DATA_DIR = '.swath';

/** A command to be run about the same place, as one would type it. */
export function commandFor({ dataDir, stage, region, profile }: Partial<Where>, command: string): string {
  const folder = stage === undefined && dataDir !== DATA_DIR ? dataDir : undefined;
  const options = Object.entries({ stage, region, profile, 'data-dir': folder }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  return ['npx swath', command, ...options].join(' ');
}

/** A path from the working folder, where it is in there; else the path itself. */
export function pathFromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/**
 * A word as one types it into a shell, whatever is in it. What does not show is written as `$'…'` has it (bash, zsh, ksh,
 * and POSIX since 2024), so that a command that is printed is still one to copy.
 */
export function quoted(word: string): string {
  if (/^[\w./:@][\w./:@%+=-]*$/.test(word)) return word; // zsh takes =word for a program's place
  if (printable(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const letters = Array.from(word, (letter) => {
    if (letter === "'" || letter === '\\') return `\\${letter}`;
    if (printable(letter) === letter) return letter;
    return Array.from(Buffer.from(letter), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `$'${letters.join('')}'`;
}
