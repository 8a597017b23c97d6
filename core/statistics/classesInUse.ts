export type Side = { readonly counts: readonly number[]; readonly total: number; readonly shares: readonly number[] };

/**
 * Returns both sides of a comparison, class by class, without classes absent on both: those say nothing about drift, and
 * would only add degrees of freedom. Shares may be passed instead of counts.
 *
 * @throws {RangeError} when the sides differ in length, hold anything but finite numbers from 0, or add up to 0
 * @example classesInUse([3, 0, 1], [5, 0, 0]).observed.shares // [0.75, 0.25]
 */
export const classesInUse = (
  observed: readonly number[],
  reference: readonly number[],
): { observed: Side; reference: Side } => {
  if (observed.length !== reference.length) {
    throw new RangeError(`${observed.length} observed classes, ${reference.length} in the reference: expected as many`);
  }
  const inUse = (_: number, index: number) => observed[index] !== 0 || reference[index] !== 0;
  const side = (name: string, counts: readonly number[]): Side => {
    const total = totalOf(name, counts);
    const used = counts.filter(inUse);
    return { counts: used, total, shares: used.map((count) => count / total) };
  };
  return { observed: side('observed', observed), reference: side('reference', reference) };
};

const totalOf = (name: string, counts: readonly number[]): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.every((count) => count >= 0) && total > 0 && total < Number.POSITIVE_INFINITY) return total;
  throw new RangeError(`${name} counts [${counts.join(', ')}]: expected finite numbers from 0 with a sum above 0`);
};
