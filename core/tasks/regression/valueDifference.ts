import { addValue } from '../../statistics/moments.ts';
import { type Difference, number } from '../shown.ts';

export function makeValueDifference(): Difference {
  let [n, off, most] = [0, 0, 0];
  const first = { mean: 0, squares: 0 };
  const second = { mean: 0, squares: 0 };
  const difference = { mean: 0, squares: 0 };
  let products = 0;

  return {
    add: ({ value: one }, { value: other }) => {
      const change = other! - one!;
      n += 1;
      off += Math.abs(change);
      most = Math.max(most, Math.abs(change));
      const before = one! - first.mean;
      addValue(first, one!, n);
      addValue(second, other!, n);
      products += before * (other! - second.mean);
      addValue(difference, change, n);
      return Math.abs(change);
    },
    summary: (alone = 0) => {
      const spread = Math.sqrt(first.squares * second.squares);
      return {
        figures: [
          number('Mean difference', difference.mean, 'second less first'),
          number('Mean absolute difference', off / n),
          number('Standard deviation of the differences', Math.sqrt(difference.squares / n)),
          number('Largest difference', most),
          number('Correlation', spread === 0 ? null : products / spread, "Pearson's"),
        ],
        meanAbsoluteDifference: off / n,
        counted: { of: 'chip', n, alone },
      };
    },
  };
}
