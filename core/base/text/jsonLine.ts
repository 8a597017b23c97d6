/** Characters that JSON allows, but that control a terminal, end a line for some readers, or are invisible. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Encodes JSON on one line, safe for line readers and terminals: invisible characters are escaped, so that a file's name
 * cannot begin a new line (U+2028 ends one for many readers) or a terminal command (U+009B begins one).
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSHOWN, (character) =>
    // They only occur within strings; characters beyond the BMP become a pair of escapes.
    Array.from({ length: character.length }, (_, i) => escaped(character.charCodeAt(i))).join(''),
  );
}

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
