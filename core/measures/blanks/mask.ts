import type { Chip } from '../../package/chip.ts';
import type { ModelPackage } from '../../package/package.ts';

/**
 * Returns the share of a chip's pixels that the package's mask hides, or the cloud cover that its scene states; null if not
 * known, as of a chip that comes with its prediction.
 */
export function maskedShare({ planes, cloudCover }: Chip, { mask }: ModelPackage): number | null {
  if (mask === undefined || mask.band === null) return cloudCover === undefined ? null : cloudCover / 100;
  const plane = planes[mask.band];
  if (plane === undefined) return null;
  return plane.filter((value) => (value & mask.bits) !== 0 || mask.values.includes(value)).length / plane.length;
}

/** Returns whether a chip counts in neither drift nor accuracy, because too much of it is hidden. */
export const isMasked = (share: unknown, mask: ModelPackage['mask']): boolean =>
  mask !== undefined && typeof share === 'number' && share > mask.share;

/** Says, after the number of a run's chips, how many of them are blank and masked. */
export function ofThem({ blank = 0, masked = 0 }: { blank?: number | undefined; masked?: number | undefined }): string {
  return `${blank.toLocaleString('en')} of them blank${masked === 0 ? '' : `, ${masked.toLocaleString('en')} masked`}`;
}
