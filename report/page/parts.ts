import { parseHTML } from 'linkedom';
import type { Drawing } from '../../charts/plot.ts';
import { type Html, html, type Part } from '../../core/base/text/html.ts';

/** What several sections are made of. */

export const NEWEST_FIRST = ' newest';
/** Of a name in a table or below a picture. */
export const NAME_LETTERS = 40;

/** What may be wider than a phone: it scrolls by itself, with the keyboard as well. `NEWEST_FIRST` begins at its right end. */
export const wide = (label: string, content: Html, look = ''): Html =>
  html`<div class="wide together${look}" role="region" aria-label="${label}" tabindex="0">${content}</div>`;

export function table(caption: Part, head: Html | null, rows: readonly Html[], look = ''): Html {
  return html`<table${look !== '' && html` class="${look}"`}>
<caption>${caption}</caption>
${head}
<tbody>${rows}</tbody>
</table>`;
}

/** The heads of a table's columns: text, then numbers, then text again. */
export function headOf(texts: readonly string[], numbers: readonly string[] = [], more: readonly string[] = []): Html {
  const ofText = (name: string) => html`<th scope="col">${name}</th>`;
  return html`<thead><tr>${texts.map(ofText)}${numbers.map((name) => html`<th scope="col" class="number">${name}</th>`)}${more.map(ofText)}</tr></thead>`;
}

export const nameCell = (name: Part): Html => html`<th scope="row">${name}</th>`;

export const numberCells = (...numbers: string[]) => numbers.map((number) => html`<td class="number">${number}</td>`);

export function factTable(caption: string, facts: readonly [name: string, value: string, meaning: string][]): Html {
  const rows = facts.map(
    ([name, value, meaning]) => html`<tr>${nameCell(name)}${numberCells(value)}<td>${meaning}</td></tr>`,
  );
  return table(caption, null, rows, 'together facts');
}

/** As many of the first pieces as take no more than so many bytes. */
export function fitting(pieces: readonly Html[], bytes: number): Html[] {
  let left = bytes;
  const end = pieces.findIndex(({ html }) => {
    left -= Buffer.byteLength(html);
    return left < 0;
  });
  return end < 0 ? [...pieces] : pieces.slice(0, end);
}

const { document } = parseHTML(''); // of a text with anything in it, a Lambda has no reader: deployment/artifacts.ts
document.append(document.createElement('html'));
/** The charts that the console draws as well are drawn without a browser; the page scales them down where it is narrower. */
export const CANVAS = { document, width: 780 };

/** To a screen reader it is one image in words: Plot names each group of marks, which says nothing to anybody. */
export function drawing(svg: Drawing): Html {
  const label = svg.getAttribute('aria-label') ?? '';
  svg.setAttribute('aria-hidden', 'true');
  return html`<div role="img" aria-label="${label}">${{ html: svg.outerHTML }}</div>`;
}
