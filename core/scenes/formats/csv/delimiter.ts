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

/** Of quoted cells, all that is in them left out. */
function firstLine(text: string): { line: string; isWhole: boolean } {
  const bare = text.replace(/"[^"]*("|$)/g, '');
  const end = /[\r\n]/.exec(bare)?.index;
  return { line: bare.slice(0, end), isWhole: end !== undefined };
}

function countIn(line: string): number[] {
  return DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);
}

/** A character a byte: what separates cells is ASCII. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}
