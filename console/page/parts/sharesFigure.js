import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { sharesChart } from '../../../charts/shares.ts';
import { percent } from '../../../charts/units.ts';
import { count } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Chart } from './chart.tsx';
import { NumbersTable } from './numbersTable.tsx';
/** The classes' shares beside the reference's. */
export function SharesFigure({ title, meaning, classes }) {
  return _jsxs('figure', {
    class: 'panel card',
    children: [
      _jsx('h3', { children: title }),
      _jsx(Chart, { data: classes, draw: draw, reading: readingOf(title, classes) }),
      _jsx('figcaption', { class: 'meaning', children: meaning }),
      _jsx(NumbersTable, {
        title: title,
        head: ['Class', 'Predicted', 'Share', 'Reference', 'Difference'],
        rows: () =>
          classes.map(({ name, count: n, share, reference }) => [
            outsideText(name),
            count(n),
            percent(share),
            percent(reference),
            points(share - reference),
          ]),
      }),
    ],
  });
}
function draw(classes, width) {
  const shown = classes.map((one) => ({ ...one, name: outsideText(one.name) }));
  return sharesChart(shown, { width });
}
function readingOf(title, classes) {
  const each = classes.map(
    ({ name, share, reference }) => `${outsideText(name)} ${percent(share)}, reference ${percent(reference)}`,
  );
  return `${title}: ${each.join('; ')}.`;
}
/** A difference of shares, in percentage points. */
function points(difference) {
  const value = difference * 100;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
