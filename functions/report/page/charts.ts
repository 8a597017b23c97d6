import { parseHTML } from 'linkedom';
import { type DriftDay, driftChart } from '../../../observability/charts/drift.ts';
import { type SharedClass, sharesChart } from '../../../observability/charts/shares.ts';
import type { Html } from '../../shared/html.ts';

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

function drawing(svg: { outerHTML: string; setAttribute: (name: string, value: string) => void }): Html {
  svg.setAttribute('role', 'img'); // with its label; the marks inside are not read one by one
  return { html: svg.outerHTML };
}
