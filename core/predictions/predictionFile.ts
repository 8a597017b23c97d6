import { parquetWriteBuffer } from 'hyparquet-writer';
import { chipId } from '../run.ts';
import type { PreparedPart } from '../scenes/preparedPart.ts';

type Classes = readonly { value: number; name: string }[];

/** For columns in which hardly any value comes twice: no dictionary is looked for. */
const DISTINCT = 'PLAIN' as const;

/** Collects a part's probabilities, chip by chip, counts them by class, and writes them as Parquet. */
export function makePredictions(classes: Classes, chips: number) {
  const width = classes.length;
  const probabilities = classes.map(() => new Array<number | null>(chips));
  const winners = new Array<number | null>(chips);
  const counts = classes.map(() => 0);
  let missing = 0;
  let probabilitySum = 0;

  /** Adds a batch: `rows` holds one probability a class for each chip, from chip `first` on. */
  function add(first: number, rows: ArrayLike<number>): void {
    for (let chip = first, at = 0; at < rows.length; chip += 1, at += width) {
      let winner = 0;
      let isWhole = true;
      for (let column = 0; column < width; column += 1) {
        const probability = rows[at + column]!;
        if (!Number.isFinite(probability)) isWhole = false;
        if (probability > rows[at + winner]!) winner = column; // the first of equals, as argmax has it
        probabilities[column]![chip] = probability;
      }
      winners[chip] = isWhole ? winner : null;
      if (isWhole) {
        counts[winner]! += 1;
        probabilitySum += rows[at + winner]!;
      } else {
        missing += 1;
        for (const column of probabilities) column[chip] = null; // no prediction, rather than a NaN in a sum
      }
    }
  }

  /**
   * One row a chip, in the scene file's order. `writer` says who writes it: what two attempts write of the same predictions are
   * other bytes, so that each knows its own.
   */
  function toParquet(digest: string, part: PreparedPart, writer = ''): Uint8Array {
    const ofWinner = <Value>(value: (winner: number, chip: number) => Value) =>
      winners.map((winner, chip) => (winner === null ? null : value(winner, chip)));
    return new Uint8Array(
      parquetWriteBuffer({
        rowGroupSize: Math.max(1, chips),
        kvMetadata: [{ key: 'swath:write', value: writer }],
        columnData: [
          {
            name: 'chip_id',
            type: 'STRING',
            nullable: false,
            data: Array.from(part.index, (i) => chipId(digest, i)),
            encoding: DISTINCT,
          },
          { name: 'index', type: 'INT32', nullable: false, data: part.index, encoding: DISTINCT },
          { name: 'offset', type: 'INT64', nullable: false, data: part.offset, encoding: DISTINCT },
          { name: 'length', type: 'INT32', nullable: false, data: part.length },
          { name: 'label', type: 'INT32', data: ofWinner((winner) => classes[winner]!.value) },
          { name: 'class', type: 'STRING', data: ofWinner((winner) => classes[winner]!.name) },
          {
            name: 'probability',
            type: 'FLOAT',
            data: ofWinner((winner, chip) => probabilities[winner]![chip]!),
            encoding: DISTINCT,
          },
          ...classes.map(({ value }, column) => ({
            name: `p_${value}`,
            type: 'FLOAT' as const,
            data: probabilities[column]!,
            encoding: DISTINCT,
          })),
          { name: 'truth', type: 'INT32', data: part.truth },
          { name: 'digest', type: 'STRING', data: new Array<string>(chips).fill(digest) },
        ],
      }),
    );
  }

  return { add, toParquet, counts, missing: () => missing, probabilitySum: () => probabilitySum };
}
