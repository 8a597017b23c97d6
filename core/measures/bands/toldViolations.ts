import { percent, precise } from '../../base/text/numbers.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import type { ModelPackage } from '../../package/package.ts';
import { type BandSum, type BandSums, VIOLATIONS, type Violation } from './bandSum.ts';
import { allowedShares, nodataShare, outsideShare, saturationOf } from './violations.ts';

export type CountedViolation = { band: string; violation: Violation; runs: number };

/** A rule that one run breaks, with what was found and what is allowed, as the end of a sentence. */
export type ToldViolation = Omit<CountedViolation, 'runs'> & { text: string };

/** Returns the rules that the runs of a window break: bands in the profile's order, rules in that of docs/drift.md. */
export const countedViolations = ({ bands = [] }: BandSums, { profile = [] }: Pick<ModelPackage, 'profile'>) =>
  bands.flatMap(({ violations = {} }, i) =>
    VIOLATIONS.flatMap((violation): CountedViolation[] => {
      const [of, runs = 0] = [profile[i], violations[violation]];
      return of === undefined || runs === 0 ? [] : [{ band: of.name, violation, runs }];
    }),
  );

export const toldViolations = ({ bands = [] }: BandSums, { profile = [], source }: ModelPackage): ToldViolation[] =>
  bands.flatMap((sum, i) => {
    const of = profile[i];
    if (of === undefined) return [];
    const saturation = saturationOf(source.bands[of.source]!.dataType, of.limits);
    return VIOLATIONS.filter((violation) => sum.violations?.[violation] !== undefined).map((violation) => ({
      band: of.name,
      violation,
      text: textOf(violation, sum, of, saturation),
    }));
  });

function textOf(violation: Violation, sum: BandSum, profile: BandProfile, saturation: number | null): string {
  const { nodata, saturated, outside } = allowedShares(profile);
  const [from, to] = [profile.edges[0]!, profile.edges.at(-1)!].map(precise);
  const usual = profile.deviation === 0 ? `other than ${from}` : `outside of ${from} to ${to}`;
  switch (violation) {
    case 'missing band':
      return 'no pixel that was looked at holds a value of it';
    case 'constant band':
      return `all its values are ${precise(sum.minimum ?? 0)}`;
    case 'nodata share':
      return `${percent(nodataShare(sum))} of its pixels hold no data, allowed are ${percent(nodata)}`;
    case 'saturated share':
      return `more than ${percent(saturated)} of its values are ${precise(saturation ?? 0)} or above, where it is saturated`;
    case 'new range':
      return `${percent(outsideShare(sum))} of its values are ${usual}, allowed are ${percent(outside)}`;
  }
}
