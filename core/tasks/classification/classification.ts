import type { ModelPackage } from '../../models/package.ts';
import type { Column, Values } from '../../predictions/column.ts';
import type { Task } from '../task.ts';
import { type ClassCounts, classCounts } from './classCounts.ts';
import { WINNER, type Winners } from './winner.ts';

/** Each chip is of one class: the one that has the highest of its probabilities, one a class of the package. */
export const classification: Task<ClassCounts> = {
  name: 'classification',
  shape: ({ classes }) => [classes.length],
  columns: (model) => [
    ...WINNER,
    ...model.classes.map(({ value }): Column => ({ name: columnOf(value), type: 'FLOAT', isDistinct: true })),
  ],
  decode,
  summary: classCounts,
};

function columnOf(value: number): string {
  return `p_${value}`;
}

/** A chip with an output that is not finite has no prediction, rather than a NaN in a sum. */
function decode(outputs: ArrayLike<number>, chips: number, { classes }: ModelPackage): Values & Winners {
  const width = classes.length;
  const probabilities = classes.map(() => new Array<number | null>(chips));
  const winners = new Array<number | null>(chips);
  for (let chip = 0, at = 0; chip < chips; chip += 1, at += width) {
    let winner = 0;
    let isWhole = true;
    for (let column = 0; column < width; column += 1) {
      const probability = outputs[at + column]!;
      if (!Number.isFinite(probability)) isWhole = false;
      if (probability > outputs[at + winner]!) winner = column; // the first of equals, as argmax has it
      probabilities[column]![chip] = probability;
    }
    winners[chip] = isWhole ? winner : null;
    if (!isWhole) for (const column of probabilities) column[chip] = null;
  }
  const ofWinner = <Value>(value: (winner: number, chip: number) => Value) =>
    winners.map((winner, chip) => (winner === null ? null : value(winner, chip)));
  return {
    label: ofWinner((winner) => classes[winner]!.value),
    class: ofWinner((winner) => classes[winner]!.name),
    probability: ofWinner((winner, chip) => probabilities[winner]![chip]!),
    ...Object.fromEntries(classes.map(({ value }, i) => [columnOf(value), probabilities[i]!])),
  };
}
