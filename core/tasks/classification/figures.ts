import type { ModelPackage } from '../../models/package.ts';
import type { Figure } from '../shown.ts';

type Numbers = { readonly mostCommonShare: number | null; readonly meanProbability: number | null };

/** Returns the figures shown besides the class shares; `whose` names the predictions that the mean probability covers. */
export function classFigures(
  counts: readonly number[],
  { mostCommonShare, meanProbability }: Numbers,
  { classes }: Pick<ModelPackage, 'classes'>,
  whose: string,
): Figure[] {
  const mostCommon = classes[counts.indexOf(Math.max(...counts))]!;
  return [
    {
      ...{ name: 'Most common class', value: mostCommonShare, unit: 'share' },
      ...(mostCommonShare !== null && { note: mostCommon.name }),
    },
    { name: 'Mean probability', value: meanProbability, unit: 'share', note: whose },
  ];
}
