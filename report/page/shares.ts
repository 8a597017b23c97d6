import { count, counted, cut } from '../../charts/format.ts';
import { hasReference, largestShares, shareHeads, sharesChart, shareTexts } from '../../charts/shares.ts';
import { capitalised } from '../../core/base/text/capitalised.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { printable } from '../../core/base/text/printable.ts';
import { shownAs } from '../../core/tasks/shownRegistry.ts';
import type { Report } from '../report.ts';
import { CANVAS, drawing, headOf, nameCell, numberCells, table, wide } from './parts.ts';

export function sharesSection({ task, distribution, n, referenceTotal }: Report): Html {
  const { one: word, many, isOfShares } = shownAs(task).words;
  const heading = capitalised(many);
  if (n === 0)
    return html`<section><h2>${heading}</h2><p class="note">There are no predictions to compare with the reference.</p></section>`;
  const listed = largestShares(distribution).map((one) => ({ ...one, name: cut(printable(one.name), 60) }));
  const rows = listed.map((one) => html`<tr>${nameCell(one.name)}${numberCells(...shareTexts(one, isOfShares))}</tr>`);
  const made = `of the reference, which is made of ${count(referenceTotal)}`;
  const isHeld = hasReference(listed);
  const caption = `Shares of ${isOfShares ? `the pixels of ${counted(n, 'chip')}` : counted(n, 'prediction')}${isHeld ? ` and ${made}; differences in points` : ''}`;
  const head = headOf([capitalised(word)], shareHeads(listed, isOfShares));
  return html`
<section>
<h2>${heading}${isHeld && ' beside the reference'}</h2>
<figure class="together">${wide(`Chart of the ${many}`, drawing(sharesChart(listed, { ...CANVAS, word, isOfShares })))}</figure>
${wide(`Table of the ${many}`, table(caption, head, rows))}
</section>`;
}
