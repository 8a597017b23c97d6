const DELIMITERS = [',', ';', '\t'];

const BOM = '\xef\xbb\xbf';
/** Bytes that do not occur in UTF-8 text; one character stands for one byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a text has not
const BINARY = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Returns whether a file that begins with `head` is a table: a text whose name says so, or perhaps one with a delimiter in its first line. */
export function beginsLikeTable(head: Uint8Array, key = ''): 'yes' | 'maybe' | 'no' {
  const text = latin1(head);
  if (BINARY.test(text)) return 'no';
  if (/\.[ct]sv$/i.test(key) && text.trim() !== '') return 'yes';
  return countIn(firstLine(text).line).some((count) => count > 0) ? 'maybe' : 'no';
}

/** The delimiter of a table: the most frequent candidate in its first line. Undefined while that line is incomplete. */
export function delimiterOf(start: Uint8Array, isAll: boolean): string | undefined {
  const { line, isWhole } = firstLine(latin1(start));
  if (!isWhole && !isAll) return undefined;
  const counts = countIn(line);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** Returns whether the first line only says what the delimiter is, as Excel's `sep=;` does. */
export const isLedBySeparator = (start: Uint8Array): boolean => /^sep=[,;\t]$/i.test(firstLine(latin1(start)).line);

/** Returns the line endings of a table that starts like this. LF and CRLF may be mixed; CR alone counts only if it ends the first line. */
export const lineBreaksOf = (start: Uint8Array): string[] =>
  firstLine(latin1(start)).lineBreak === '\r' ? ['\r'] : ['\r\n', '\n'];

/** Returns the first line without the contents of quoted cells. If the text ends in CR, an LF may follow, so the line is not whole yet. */
function firstLine(text: string): { line: string; lineBreak: string | undefined; isWhole: boolean } {
  const bare = text.replace(/"[^"]*("|$)/g, '');
  const { index: end, 0: lineBreak } = /\r\n|\r|\n/.exec(bare) ?? {};
  const isWhole = end !== undefined && !(lineBreak === '\r' && end === bare.length - 1);
  return { line: bare.slice(0, end), lineBreak, isWhole };
}

const countIn = (line: string): number[] => DELIMITERS.map((delimiter) => line.split(delimiter).length - 1);

/** Decodes one character per byte, which is enough because delimiters are ASCII. */
function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  const text = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}
