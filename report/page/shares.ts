import { type Html, html } from '../../core/html.ts';
import { printable } from '../../core/printable.ts';
import type { Report } from '../report.ts';
import { drawShares } from './charts.ts';
import { cut, points, share, whole } from './numbers.ts';
import { wide } from './wide.ts';

/** More bars than that are no picture any more. */
const CLASSES_DRAWN = 16;
const CLASSES_LISTED = 60;
const NAME_LETTERS = 60;

/** Each class's share of the predictions beside its share of the reference. */
export function sharesSection({ classes, n, referenceTotal }: Report): Html {
  if (n === 0)
    return html`<section><h2>Classes</h2><p class="note">There are no predictions to compare with the reference.</p></section>`;
  const shared = classes.map((one) => ({
    ...one,
    name: cut(printable(one.name), NAME_LETTERS),
    share: one.share ?? 0,
  }));
  const byMove = shared.toSorted((a, b) => Math.abs(b.share - b.reference) - Math.abs(a.share - a.reference));
  const kept = new Set(byMove.slice(0, CLASSES_LISTED));
  const listed = shared.filter((one) => kept.has(one));
  const drawn = new Set(byMove.slice(0, CLASSES_DRAWN));
  const more = classes.length - listed.length;
  return html`
<section>
<h2>Classes beside the reference</h2>
<figure class="together">${wide('Chart of the classes', drawShares(listed.filter((one) => drawn.has(one))))}${
    classes.length > CLASSES_DRAWN &&
    html`<figcaption>The ${CLASSES_DRAWN} classes that have moved most, of ${classes.length}.</figcaption>`
  }</figure>
${wide(
  'Table of the classes',
  html`<table>
<caption>Shares of ${whole(n)} predictions and of the reference, which is made of ${whole(referenceTotal)}</caption>
<thead><tr><th scope="col">Class</th><th scope="col" class="number">Predictions</th><th scope="col" class="number">Share</th><th scope="col" class="number">Reference</th><th scope="col" class="number">Difference in points</th></tr></thead>
<tbody>${listed.map(
    (one) =>
      html`<tr><th scope="row">${one.name}</th><td class="number">${whole(one.count)}</td><td class="number">${share(one.share)}</td><td class="number">${share(one.reference)}</td><td class="number">${points(one.share - one.reference)}</td></tr>`,
  )}</tbody>
</table>`,
)}
${more > 0 && html`<p class="note">The ${more} classes that have moved least are left out here; report.json has them.</p>`}
</section>`;
}
