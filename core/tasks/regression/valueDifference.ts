import { addValue } from '../../statistics/moments.ts';
import type { Difference } from '../difference.ts';

/** Compares two versions' values for the same chips, chip by chip. */
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
    summary: () => {
      const spread = Math.sqrt(first.squares * second.squares);
      return {
        figures: [
          { name: 'Mean difference', value: difference.mean, unit: 'number', note: 'second less first' },
          { name: 'Mean absolute difference', value: off / n, unit: 'number' },
          { name: 'Standard deviation of the differences', value: Math.sqrt(difference.squares / n), unit: 'number' },
          { name: 'Largest difference', value: most, unit: 'number' },
          { name: 'Correlation', value: spread === 0 ? null : products / spread, unit: 'number', note: "Pearson's" },
        ],
        meanAbsoluteDifference: off / n,
        counted: { of: 'chip', n },
      };
    },
  };
}
