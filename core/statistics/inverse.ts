export type Matrix = readonly (readonly number[])[];

/** Inverts a matrix by Gauss and Jordan, with the largest number left of a column as pivot; of a singular one, numbers are not finite. */
export function inverse(matrix: Matrix): number[][] {
  const rows = matrix.map((row, a) => [...row, ...matrix.map((_, b) => (a === b ? 1 : 0))]);
  for (let pivot = 0; pivot < matrix.length; pivot += 1) {
    const own = rows.slice(pivot).reduce((a, b) => (Math.abs(b[pivot]!) > Math.abs(a[pivot]!) ? b : a));
    [rows[rows.indexOf(own)], rows[pivot]] = [rows[pivot]!, own];
    const by = own[pivot]!;
    for (let k = 0; k < own.length; k += 1) own[k]! /= by;
    for (const row of rows)
      if (row !== own) {
        const factor = row[pivot]!;
        for (let k = 0; k < row.length; k += 1) row[k]! -= factor * own[k]!;
      }
  }
  return rows.map((row) => row.slice(matrix.length));
}

export const times = (matrix: Matrix, vector: readonly number[]): number[] => matrix.map((row) => dot(row, vector));

export const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
