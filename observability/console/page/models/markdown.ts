/**
 * The Markdown that model cards are written in, as data: headings, paragraphs, lists, tables, code, and within a line
 * code, bold, italic and links. Whatever else a text holds, HTML above all, stays the text that it is.
 */
export type Block =
  | { kind: 'heading'; level: number; line: Inline[] }
  | { kind: 'paragraph'; line: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; isNumbered: boolean; items: Block[][] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

export type Inline =
  | { kind: 'text' | 'code' | 'bold' | 'italic'; text: string }
  | { kind: 'link'; text: string; href: string };

const ITEM = /^(?:[-*+]|(\d{1,9})[.)])\s+/;
const FENCE = /^(```|~~~)/;
const TABLE_RULE = /^\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$/;

/** Lists within lists beyond so many are shown as the text that they are: no card has them, and each costs stack. */
const DEEPEST_LIST = 20;

/** Reads a text; every text has a meaning. */
export function blocksOf(text: string, depth = 0): Block[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i]!;
    if (line.trim() === '') i++;
    else if (FENCE.test(line)) i = readCode(lines, i, blocks);
    else if (/^#{1,6}\s/.test(line)) i = readHeading(lines, i, blocks);
    else if (line.startsWith('|') && TABLE_RULE.test(lines[i + 1]?.trim() ?? '')) i = readTable(lines, i, blocks);
    else if (ITEM.test(line) && depth < DEEPEST_LIST) i = readList(lines, i, blocks, depth);
    else i = readParagraph(lines, i, blocks);
  }
  return blocks;
}

// Each of these reads the block that begins at a line, adds it, and answers the first line behind it.

function readCode(lines: string[], start: number, blocks: Block[]): number {
  const fence = FENCE.exec(lines[start]!)![1]!;
  const end = lines.findIndex((line, i) => i > start && line.startsWith(fence));
  const last = end === -1 ? lines.length : end;
  blocks.push({ kind: 'code', text: lines.slice(start + 1, last).join('\n') });
  return last + 1;
}

function readHeading(lines: string[], start: number, blocks: Block[]): number {
  const [, marks, title] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[start]!) ?? [];
  blocks.push({ kind: 'heading', level: marks?.length ?? 1, line: inlineOf(title ?? '') });
  return start + 1;
}

function readTable(lines: string[], start: number, blocks: Block[]): number {
  let end = start + 2;
  while (lines[end]?.startsWith('|')) end++;
  const rows = lines.slice(start + 2, end).map(cellsOf);
  blocks.push({ kind: 'table', head: cellsOf(lines[start]!), rows });
  return end;
}

/** An item goes on in the lines that are indented below it, which may hold blocks of their own. */
function readList(lines: string[], start: number, blocks: Block[], depth: number): number {
  const isNumbered = ITEM.exec(lines[start]!)![1] !== undefined;
  const items: Block[][] = [];
  let i = start;
  for (;;) {
    const mark = ITEM.exec(lines[i] ?? '');
    if (mark === null || (mark[1] !== undefined) !== isNumbered) break;
    const own = [lines[i]!.slice(mark[0].length)];
    for (i++; i < lines.length && goesOn(lines, i); i++) own.push(lines[i]!.replace(/^(\t| {1,4})/, ''));
    items.push(blocksOf(own.join('\n'), depth + 1));
  }
  blocks.push({ kind: 'list', isNumbered, items });
  return i;
}

function goesOn(lines: string[], i: number): boolean {
  const isIndented = (line: string | undefined) => line !== undefined && /^(\t| {2})/.test(line);
  return isIndented(lines[i]) || (lines[i]!.trim() === '' && isIndented(lines[i + 1]));
}

function readParagraph(lines: string[], start: number, blocks: Block[]): number {
  let end = start + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && !/^(#{1,6}\s|```|~~~|\|)/.test(lines[end]!)) {
    if (ITEM.test(lines[end]!)) break;
    end++;
  }
  blocks.push({
    kind: 'paragraph',
    line: inlineOf(
      lines
        .slice(start, end)
        .map((line) => line.trim())
        .join(' '),
    ),
  });
  return end;
}

function cellsOf(line: string): Inline[][] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => inlineOf(cell.trim().replaceAll('\\|', '|')));
}

/** Links lead to the web only: `javascript:` and its like stay text. */
const INLINE =
  /(?<code>`+)(?<codeText>.+?)\k<code>|\*\*(?<bold>.+?)\*\*|(?<![\w*])\*(?<star>[^\s*][^*]*)\*|(?<!\w)_(?<underline>[^\s_][^_]*)_(?!\w)|\[(?<text>[^\]]+)\]\((?<href>https?:\/\/[^\s)]+)\)/g;

function inlineOf(line: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) parts.push({ kind: 'text', text: line.slice(end, match.index) });
    parts.push(partOf(match.groups ?? {}));
    end = match.index + match[0].length;
  }
  if (end < line.length) parts.push({ kind: 'text', text: line.slice(end) });
  return parts;
}

function partOf(groups: Record<string, string | undefined>): Inline {
  const { codeText, bold, star, underline, text, href } = groups;
  if (codeText !== undefined) return { kind: 'code', text: codeText.trim() };
  if (bold !== undefined) return { kind: 'bold', text: bold };
  if (text !== undefined && href !== undefined) return { kind: 'link', text, href };
  return { kind: 'italic', text: star ?? underline ?? '' };
}
