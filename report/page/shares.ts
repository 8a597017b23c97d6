import { count, points } from '../../charts/format.ts';
import { sharesChart } from '../../charts/shares.ts';
import { shownAs } from '../../core/tasks/shownRegistry.ts';
import { capitalised } from '../../core/text/capitalised.ts';
import { type Html, html } from '../../core/text/html.ts';
import { percent } from '../../core/text/percent.ts';
import { printable } from '../../core/text/printable.ts';
import type { Report } from '../report.ts';
import { CANVAS, cut, drawing, headOf, nameCell, numberCells, table, wide } from './parts.ts';

/** More bars than that are no picture any more. */
const DRAWN = 16;
const LISTED = 60;
const NAME_LETTERS = 60;

/** What was predicted beside what was expected. */
export function sharesSection({ task, distribution, n, referenceTotal }: Report): Html {
  const { one: word, many, isOfShares } = shownAs(task).words;
  const heading = capitalised(many);
  if (n === 0)
    return html`<section><h2>${heading}</h2><p class="note">There are no predictions to compare with the reference.</p></section>`;
  const shared = distribution.map((one) => ({ ...one, name: cut(printable(one.name), NAME_LETTERS) }));
  const byMove = shared.toSorted((a, b) => Math.abs(b.share - b.reference) - Math.abs(a.share - a.reference));
  const kept = new Set(byMove.slice(0, LISTED));
  const listed = shared.filter((one) => kept.has(one));
  const drawn = new Set(byMove.slice(0, DRAWN));
  const bars = listed.filter((one) => drawn.has(one));
  const rows = listed.map(({ name, count: predicted, share, reference }) => {
    const numbers = [
      ...(isOfShares ? [] : [count(predicted)]),
      percent(share),
      percent(reference),
      points(share - reference),
    ];
    return html`<tr>${nameCell(name)}${numberCells(...numbers)}</tr>`;
  });
  const caption = `Shares of ${isOfShares ? `the pixels of ${count(n)} chips` : `${count(n)} predictions`} and of the reference, which is made of ${count(referenceTotal)}`;
  const head = headOf(
    [capitalised(word)],
    [...(isOfShares ? [] : ['Predictions']), 'Share', 'Reference', 'Difference in points'],
  );
  const more = distribution.length - listed.length;
  return html`
<section>
<h2>${heading} beside the reference</h2>
<figure class="together">${wide(`Chart of the ${many}`, drawing(sharesChart(bars, { ...CANVAS, word, isOfShares })))}${
    distribution.length > DRAWN &&
    html`<figcaption>The ${DRAWN} ${many} that have moved most, of ${distribution.length}.</figcaption>`
  }</figure>
${wide(`Table of the ${many}`, table(caption, head, rows))}
${more > 0 && html`<p class="note">The ${more} ${many} that have moved least are left out here; report.json has them.</p>`}
</section>`;
}
