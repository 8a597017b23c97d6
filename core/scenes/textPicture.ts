import { html } from '../base/text/html.ts';

const [COLUMNS, ROWS, LINE, LETTER] = [36, 15, 16, 6.6];
/** Characters of a text that are looked at. */
const MOST = 10_000;
const SIDE = 2 * 8 + COLUMNS * LETTER;

/**
 * Draws texts as an SVG image, one under the other, cut where it is full. Nothing of them is interpreted: signs of markup are escaped, and
 * signs that nobody sees or that turn a line around are shown by their numbers.
 */
export function textPicture(texts: readonly string[]): Uint8Array {
  const room = Math.floor(ROWS / texts.length) - 1;
  const shown = texts.flatMap((text) => {
    const lines = linesOf(text);
    return [...lines.slice(0, room), lines.length > room || text.length > MOST ? '…' : ''];
  });
  const spans = shown.map(
    (line, i) => html`<text x="8" y="${(i + 1) * LINE}" xml:space="preserve">${line}</text>`.html,
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIDE} ${SIDE}" width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="#fff"/><g font-family="monospace" font-size="11" fill="#222">${spans.join('')}</g></svg>`,
  );
}

/** The type of a chip's picture: an SVG image of texts, else a PNG image. */
export const pictureType = (bytes: Uint8Array): string => (bytes[0] === 0x3c ? 'image/svg+xml' : 'image/png');

function linesOf(text: string): string[] {
  const start = text.slice(0, MOST).replace(/\s+/g, ' ');
  const signs = [...start.slice(0, COLUMNS * (ROWS + 1)).replace(/\p{C}/gu, numbered)];
  return Array.from({ length: Math.ceil(signs.length / COLUMNS) }, (_, i) =>
    signs.slice(i * COLUMNS, (i + 1) * COLUMNS).join(''),
  );
}

const numbered = (sign: string): string => `⟨U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;
