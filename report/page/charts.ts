import { parseHTML } from 'linkedom';
import { type DriftDay, driftChart } from '../../charts/drift.ts';
import { type SharedClass, sharesChart } from '../../charts/shares.ts';
import { type Html, html } from '../../core/html.ts';

/** The charts that the console draws as well, drawn without a browser. */

const { document } = parseHTML('<html></html>');
/** In pixels; the page scales them down where it is narrower. */
const WIDTH = 780;

export function drawShares(classes: readonly SharedClass[]): Html {
  return drawing(sharesChart(classes, { document, width: WIDTH }));
}

export function drawDrift(days: readonly DriftDay[], options: { threshold: number; from: string; to: string }): Html {
  return drawing(driftChart(days, { ...options, document, width: WIDTH, height: 240 }));
}

/** To a screen reader it is one image in words: Plot names each group of marks, which says nothing to anybody. */
function drawing(svg: ReturnType<typeof sharesChart>): Html {
  const label = svg.getAttribute('aria-label') ?? '';
  svg.setAttribute('aria-hidden', 'true');
  return html`<div role="img" aria-label="${label}">${{ html: svg.outerHTML }}</div>`;
}
