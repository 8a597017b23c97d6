const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const BOM = '\xef\xbb\xbf';
/** No character of a text in UTF-8, a byte each. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a text has not
const BINARY = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Whether a file that begins so may be a table: a text with something between its first line's cells. */
export function beginsLikeTable(head: Uint8Array): boolean {
  const text = latin1(head);
  return !BINARY.test(text) && countIn(firstLine(text).line).some((count) => count > 0);
}

/** What separates the cells of a table that begins so: what stands most often in its first line. Undefined as long as that goes on. */
export function delimiterOf(start: Uint8Array, isAll: boolean): Delimiter | undefined {
  const { line, isWhole } = firstLine(latin1(start));
  if (!isWhole && !isAll) return undefined;
  const counts = countIn(line);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** What ends the lines of a table that begins so. A table may mix LF and CRLF; CR alone does only where it ends the first line. */
export function lineBreaksOf(start: Uint8Array): string[] {
  return firstLine(latin1(start)).lineBreak === '\r' ? ['\r'] : ['\r\n', '\n'];
}

/** Of quoted cells, all that is in them left out. An LF may follow a CR at the end: such a line is not whole yet. */
function firstLine(text: string): { line: string; lineBreak: string | undefined; isWhole: boolean } {
  const bare = text.replace(/"[^"]*("|$)/g, '');
  const { index: end, 0: lineBreak } = /\r\n|\r|\n/.exec(bare) ?? {};
  const isWhole = end !== undefined && !(lineBreak === '\r' && end === bare.length - 1);
  return { line: bare.slice(0, end), lineBreak, isWhole };
}

function countIn(line: string): number[] {
  return DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);
}

/** A character a byte: what separates cells is ASCII. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}
