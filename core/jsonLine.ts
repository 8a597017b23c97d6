/** What JSON may hold as it is, and a terminal obeys, a reader of lines ends a line at, or nobody sees. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * JSON on one line, for whoever reads lines and for terminals: what does not show is escaped as JSON has it, so that a
 * file's name makes no line of its own (U+2028 ends one for many readers) and none of it is a command (U+009B begins one).
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSHOWN, (character) =>
    // All of them stand within texts; those outside of the first plane are a pair of escapes.
    Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
