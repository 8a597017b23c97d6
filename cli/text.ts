import { stripVTControlCharacters, styleText } from 'node:util';
import stringWidth from 'string-width';

/** Text that came from outside, safe for a terminal: control and direction-changing characters are spelled out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

type Alignment = 'left' | 'right';

/** Lines of columns, each as wide as its widest cell; the first line is the head. */
export function table(head: string[], rows: string[][], alignment: Alignment[] = []): string {
  const lines = [head.map((cell) => dim(cell)), ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => {
          const space = ' '.repeat(widths[i]! - width(cell));
          return alignment[i] === 'right' ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Lines of a name and what it stands for. */
export function pairs(lines: [string, string][], indent = '  '): string {
  const longest = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${indent}${dim(name.padEnd(longest))}  ${value}`).join('\n');
}

function width(cell: string): number {
  return stringWidth(stripVTControlCharacters(cell));
}

export const dim = (text: string): string => styled('dim', text);
export const bold = (text: string): string => styled('bold', text);

/** Colours a state or a verdict by what it asks of the reader. */
export function coloured(word: string): string {
  if (/^(FAILED|INVALID|drift)/.test(word)) return styled('red', word);
  if (/^(DONE|no drift)/.test(word)) return styled('green', word);
  return styled('yellow', word);
}

function styled(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
