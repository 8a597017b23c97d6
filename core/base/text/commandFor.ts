import { printable } from './printable.ts';

/** Where a command goes: the embedded stack of a data folder, by the name that the user gave it, or a deployed stage. */
export type CommandPlace = { [option in 'dataDir' | 'stage' | 'region' | 'profile']?: string | undefined };

export const DATA_DIR = '.swath';

export const commandFor = (place: CommandPlace, command: string): string => `npx swath ${command}${optionsFor(place)}`;

/** The options that select the stack, each after a space. */
export function optionsFor({ dataDir, stage, region, profile }: CommandPlace): string {
  const folder = stage === undefined && dataDir !== DATA_DIR ? dataDir : undefined;
  return Object.entries({ stage, region, profile, 'data-dir': folder })
    .map(([name, value]) => (value === undefined ? '' : ` --${name} ${quoted(value)}`))
    .join('');
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
