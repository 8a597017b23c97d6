import { count, points } from '../../../charts/format.ts';
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
  const all = numbers.shares.map(({ name, ...share }) => ({ name: outsideText(name), ...share }));
  const shares = largestShares(all);
  return (
    <ChartFigure
      title={title}
      data={all}
      draw={(shown, place) => sharesChart(shown, { ...place, word: one, isOfShares })}
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
