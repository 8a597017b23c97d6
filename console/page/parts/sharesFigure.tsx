import { count, points } from '../../../charts/format.ts';
import type { Place } from '../../../charts/plot.ts';
import { largestShares, sharesChart } from '../../../charts/shares.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { percent } from '../../../core/base/text/percent.ts';
import type { WindowNumbers } from '../../api.ts';
import { outsideText } from '../outsideText.ts';
import { ChartFigure } from './chart.tsx';

type Numbers = Pick<WindowNumbers, 'shares' | 'words'>;

/** What was predicted beside the reference: classes, or bins of values. */
export function SharesFigure({ title, meaning, numbers }: { title: string; meaning: string; numbers: Numbers }) {
  const { one, isOfShares } = numbers.words;
  const shares = largestShares(numbers.shares).map(({ name, ...share }) => ({ name: outsideText(name), ...share }));
  const each = shares.map(({ name, share, reference }) => `${name} ${percent(share)}, reference ${percent(reference)}`);
  return (
    <ChartFigure
      title={title}
      data={numbers}
      draw={draw}
      reading={`${title}: ${each.join('; ')}.`}
      meaning={meaning}
      head={[capitalised(one), ...(isOfShares ? [] : ['Predicted']), 'Share', 'Reference', 'Difference']}
      rows={() =>
        shares.map(({ name, count: n, share, reference }) => {
          const numbers = [percent(share), percent(reference), points(share - reference)];
          return isOfShares ? [name, ...numbers] : [name, count(n), ...numbers];
        })
      }
    />
  );
}

function draw({ shares, words: { one, isOfShares } }: Numbers, place: Place): Element {
  const shown = shares.map((share) => ({ ...share, name: outsideText(share.name) }));
  return sharesChart(shown, { ...place, word: one, isOfShares });
}
