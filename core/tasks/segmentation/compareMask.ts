import type { PackageFacts } from '../../package/facts.ts';

/**
 * Makes what compares a map with its mask of truth. `isKnown` is 0 where that has no data; null if it has all. The result is
 * `<class's value>:<true>/<predicted>/<both>` for each class that occurs, separated by spaces.
 */
export function compareMask({ classes }: Pick<PackageFacts, 'classes'>) {
  const places = new Map(classes.map(({ value }, place) => [value, place]));
  return (predicted: ArrayLike<number>, truth: ArrayLike<number>, isKnown: Uint8Array | null): string => {
    const sums = [0, 1, 2].map(() => classes.map(() => 0)) as [number[], number[], number[]];
    for (let i = 0; i < predicted.length; i += 1) {
      const [said, is] = [places.get(predicted[i]!), places.get(truth[i]!)];
      if (said === undefined || is === undefined || isKnown?.[i] === 0) continue;
      sums[0][is]! += 1;
      sums[1][said]! += 1;
      if (said === is) sums[2][is]! += 1;
    }
    return classes
      .flatMap(({ value }, place) =>
        sums[0][place]! + sums[1][place]! === 0 ? [] : `${value}:${sums.map((of) => of[place]!).join('/')}`,
      )
      .join(' ');
  };
}
