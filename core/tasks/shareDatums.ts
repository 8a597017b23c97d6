import { largest } from '../text/largest.ts';

/**
 * The metrics of each class's share of the predictions and of the reference; null without predictions. CloudWatch charges for each
 * class: of many, the ten largest of the reference are published, which stay the same, and the others together.
 */
export function shareDatums(
  classes: readonly { readonly name: string }[],
  { counts, n }: { counts: ArrayLike<number>; n: number },
  reference: { counts: ArrayLike<number>; n: number },
) {
  const named = classes.map(({ name }, i) => ({
    ...{ name, share: counts[i]! / n, expected: reference.counts[i]! / reference.n },
  }));
  return largest(named, ({ expected }) => expected).flatMap(({ name: Class, share, expected }) => [
    { metric: 'ClassShare', value: n === 0 ? null : share, Class },
    { metric: 'ReferenceShare', value: n === 0 ? null : expected, Class },
  ]);
}
