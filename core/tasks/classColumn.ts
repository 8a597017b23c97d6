/**
 * The column of what a model says of one class, by the class's value: `p_4`, and `p_minus_1` of −1, as SQL would want quotes
 * around `p_-1`.
 */
export function classColumn(prefix: 'p' | 'share', value: number): string {
  return value < 0 ? `${prefix}_minus_${-value}` : `${prefix}_${value}`;
}

/** The name that former releases gave it, where that was another one. */
export function formerClassColumn(prefix: 'p' | 'share', value: number): { formerly?: string } {
  return value < 0 ? { formerly: `${prefix}_${value}` } : {};
}
