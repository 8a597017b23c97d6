import type { Plane } from '../../arrays/dataTypes.ts';
import { areaOf, wholeArea } from '../../package/area.ts';
import type { Chip } from '../../package/chip.ts';
import type { Mask } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';

/** The share of a chip that the package's mask hides, or its scene's cloud cover; null if not known. */
export function maskedShare({ planes, cloudCover, masked }: Chip, { mask }: ModelPackage): number | null {
  if (masked !== undefined) return masked;
  if (mask === undefined || mask.band === null) return cloudCover === undefined ? null : cloudCover / 100;
  const plane = planes[mask.band];
  return plane === undefined ? null : lookThrough(null, plane, mask).share;
}

/** Adds to a chip what its package's mask hides of it: the share and, of a model of pixels, which pixels. */
export function withMask(chip: Chip, model: ModelPackage): Chip {
  const { source, mask, output } = model;
  if (mask === undefined) return chip;
  const masked = { ...chip, masked: maskedShare(chip, model) };
  const plane = chip.planes[mask.band ?? -1];
  if (output.pixels === null || plane === undefined || chip.area !== undefined) return masked;
  return { ...masked, area: areaOf(wholeArea(output.pixels), source, lookThrough(null, plane, mask).shown) };
}

/**
 * Looks at pixels through a mask, by its band. Where there are no data, it hides nothing.
 * @param valid 1 or 0 for each pixel with data or without; null if all have
 * @param pixels of the chip, if it has more
 * @returns `shown`, the pixels with data that are not hidden, as `valid`; the share that is hidden, which is 1 if no pixel is shown
 */
export function lookThrough(valid: Uint8Array | null, plane: Plane, mask: Mask, pixels = plane.length) {
  let shown: Uint8Array | null = null;
  let [hidden, left] = [0, 0];
  for (let i = 0; i < plane.length; i += 1) {
    if (valid !== null && valid[i] === 0) continue;
    if (hides(mask, plane[i]!)) {
      shown ??= valid?.slice() ?? new Uint8Array(plane.length).fill(1);
      shown[i] = 0;
      hidden += 1;
    } else left += 1;
  }
  return { shown: shown ?? valid, share: left === 0 && hidden > 0 ? 1 : hidden / pixels };
}

const hides = ({ values, bits }: Mask, value: number): boolean => (value & bits) !== 0 || values.includes(value);

/** Returns whether a chip counts in neither drift nor accuracy, because too much of it is hidden; all of it always is. */
export const isMasked = (share: unknown, mask: ModelPackage['mask']): boolean =>
  mask !== undefined && typeof share === 'number' && (share > mask.share || (share === 1 && mask.band !== null));

/** Says, after the number of a run's chips, how many of them are blank and masked. */
export function ofThem({ blank = 0, masked = 0 }: { blank?: number | undefined; masked?: number | undefined }): string {
  return `${blank.toLocaleString('en')} of them blank${masked === 0 ? '' : `, ${masked.toLocaleString('en')} masked`}`;
}
