/**
 * Returns the name of a class's column, from the class's value: `p_4`, and `p_minus_1` for −1, because SQL would require
 * quotes around `p_-1`.
 */
export function classColumn(prefix: 'p' | 'share', value: number): string {
  return value < 0 ? `${prefix}_minus_${-value}` : `${prefix}_${value}`;
}
