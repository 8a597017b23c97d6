import type { Plane } from '../../arrays/dataTypes.ts';
import type { Chip } from '../../package/chip.ts';
import type { Mask } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';

/**
 * Returns the share of a chip's pixels that the package's mask hides, or the cloud cover that its scene states; null if not
 * known, as of a chip that comes with its prediction.
 */
export function maskedShare({ planes, cloudCover }: Chip, { mask }: ModelPackage): number | null {
  if (mask === undefined || mask.band === null) return cloudCover === undefined ? null : cloudCover / 100;
  const plane = planes[mask.band];
  if (plane === undefined) return null;
  return plane.filter((value) => hides(mask, value)).length / plane.length;
}

/** Returns which pixels hold data that the mask does not hide, by its band: 1 or 0 each, or null if all do. */
export function withoutHidden(valid: Uint8Array | null, plane: Plane, mask: Mask): Uint8Array | null {
  let shown: Uint8Array | null = null;
  for (let i = 0; i < plane.length; i += 1)
    if (hides(mask, plane[i]!)) {
      shown ??= valid?.slice() ?? new Uint8Array(plane.length).fill(1);
      shown[i] = 0;
    }
  return shown ?? valid;
}

const hides = ({ values, bits }: Mask, value: number): boolean => (value & bits) !== 0 || values.includes(value);

/** Returns whether a chip counts in neither drift nor accuracy, because too much of it is hidden. */
export const isMasked = (share: unknown, mask: ModelPackage['mask']): boolean =>
  mask !== undefined && typeof share === 'number' && share > mask.share;

/** Says, after the number of a run's chips, how many of them are blank and masked. */
export function ofThem({ blank = 0, masked = 0 }: { blank?: number | undefined; masked?: number | undefined }): string {
  return `${blank.toLocaleString('en')} of them blank${masked === 0 ? '' : `, ${masked.toLocaleString('en')} masked`}`;
}
