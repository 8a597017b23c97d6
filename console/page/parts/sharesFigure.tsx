import { count, points } from '../../../charts/format.ts';
import { largestShares, sharesChart } from '../../../charts/shares.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { percent } from '../../../core/base/text/percent.ts';
import type { WindowNumbers } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { Chart } from './chart.tsx';
import { NumbersTable } from './table.tsx';

type Numbers = Pick<WindowNumbers, 'shares' | 'words'>;

/** What was predicted beside the reference: classes, or bins of values. */
export function SharesFigure({ title, meaning, numbers }: { title: string; meaning: string; numbers: Numbers }) {
  const { words } = numbers;
  const shares = largestShares(numbers.shares);
  return (
    <figure class="panel card">
      <h3>{title}</h3>
      <Chart data={numbers} draw={draw} reading={readingOf(title, numbers)} />
      <figcaption class="small quiet">{meaning}</figcaption>
      <NumbersTable
        title={title}
        head={[capitalised(words.one), ...(words.isOfShares ? [] : ['Predicted']), 'Share', 'Reference', 'Difference']}
        rows={() =>
          shares.map(({ name, count: n, share, reference }) => [
            outsideText(name),
            ...(words.isOfShares ? [] : [count(n)]),
            percent(share),
            percent(reference),
            points(share - reference),
          ])
        }
      />
    </figure>
  );
}

function draw({ shares, words }: Numbers, width: number): Element {
  const shown = shares.map((one) => ({ ...one, name: outsideText(one.name) }));
  return sharesChart(shown, { width, word: words.one, isOfShares: words.isOfShares });
}

function readingOf(title: string, { shares }: Numbers): string {
  const each = largestShares(shares).map(
    ({ name, share, reference }) => `${outsideText(name)} ${percent(share)}, reference ${percent(reference)}`,
  );
  return `${title}: ${each.join('; ')}.`;
}
