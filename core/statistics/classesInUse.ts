/**
 * Returns both sides of a comparison, class by class, without classes absent on both: those say nothing about drift, and
 * would only add degrees of freedom. Shares may be passed instead of counts. Each side has a sum above 0.
 * @example classesInUse([3, 0, 1], [5, 0, 0]).observed.shares // [0.75, 0.25]
 */
export const classesInUse = (observed: readonly number[], reference: readonly number[]) => {
  const inUse = (_: number, index: number) => observed[index] !== 0 || reference[index] !== 0;
  const side = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const used = counts.filter(inUse);
    return { counts: used, total, shares: used.map((count) => count / total) };
  };
  return { observed: side(observed), reference: side(reference) };
};
