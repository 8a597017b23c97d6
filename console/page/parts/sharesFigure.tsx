import { sharesChart } from '../../../charts/shares.ts';
import { percent } from '../../../charts/units.ts';
import type { ClassShare } from '../../api.ts';
import { count } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Chart } from './chart.tsx';
import { NumbersTable } from './numbersTable.tsx';

/** The classes' shares beside the reference's. */
export function SharesFigure({ title, meaning, classes }: { title: string; meaning: string; classes: ClassShare[] }) {
  return (
    <figure class="panel card">
      <h3>{title}</h3>
      <Chart data={classes} draw={draw} reading={readingOf(title, classes)} />
      <figcaption class="meaning">{meaning}</figcaption>
      <NumbersTable
        title={title}
        head={['Class', 'Predicted', 'Share', 'Reference', 'Difference']}
        rows={() =>
          classes.map(({ name, count: n, share, reference }) => [
            outsideText(name),
            count(n),
            percent(share),
            percent(reference),
            points(share - reference),
          ])
        }
      />
    </figure>
  );
}

function draw(classes: ClassShare[], width: number): Element {
  const shown = classes.map((one) => ({ ...one, name: outsideText(one.name) }));
  return sharesChart(shown, { width });
}

function readingOf(title: string, classes: ClassShare[]): string {
  const each = classes.map(
    ({ name, share, reference }) => `${outsideText(name)} ${percent(share)}, reference ${percent(reference)}`,
  );
  return `${title}: ${each.join('; ')}.`;
}

/** A difference of shares, in percentage points. */
function points(difference: number): string {
  const value = difference * 100;
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
