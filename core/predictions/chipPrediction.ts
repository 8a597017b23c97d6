/** What a model says of one chip, and where in which file the chip lies: a row of the predictions. */
export type ChipPrediction = {
  chip_id: string;
  index: number;
  offset: bigint;
  length: number;
  /** For each class of the package, in its order; null throughout where an output was not finite. */
  probabilities: (number | null)[];
  /** Which of them is the largest, the first of equals; null with them. */
  winner: number | null;
  truth: number | null;
  /** The SHA-256 of the file's content; null where a former release has written the row. */
  digest: string | null;
};

/** What a file's predictions add up to. */
export type FileNumbers = { counts: number[]; missing: number; probabilitySum: number };

/** Finds the winner among a chip's probabilities, as one row of the model's output has them. */
export function judged(row: ArrayLike<number>): Pick<ChipPrediction, 'probabilities' | 'winner'> {
  let winner = 0;
  let isWhole = true;
  const probabilities: number[] = [];
  for (let column = 0; column < row.length; column += 1) {
    const probability = row[column]!;
    if (!Number.isFinite(probability)) isWhole = false;
    if (probability > row[winner]!) winner = column;
    probabilities.push(probability);
  }
  return isWhole ? { probabilities, winner } : { probabilities: probabilities.map(() => null), winner: null };
}

/** Adds up the predictions of one file. */
export function numbersOf(chips: readonly ChipPrediction[], classes: number): FileNumbers {
  const counts = Array.from({ length: classes }, () => 0);
  let missing = 0;
  let probabilitySum = 0;
  for (const { winner, probabilities } of chips) {
    if (winner === null) missing += 1;
    else {
      counts[winner]! += 1;
      probabilitySum += probabilities[winner]!;
    }
  }
  return { counts, missing, probabilitySum };
}
