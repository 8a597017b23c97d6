import type { Plane } from '../../arrays/dataTypes.ts';
import { areaOf, wholeArea } from '../../package/area.ts';
import type { Mask } from '../../package/facts.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';

/** Adds to a chip what its package's mask, or its scene's cloud cover, hides of it: the share, null if not known, and, of a model of pixels, which pixels. */
export function withMask(chip: Chip, { source, mask, output: { pixels } }: ModelPackage): Chip {
  if (mask === undefined) return chip;
  const { planes, cloudCover, area } = chip;
  const plane = planes[mask.band ?? -1];
  const isOfPixels = pixels !== null && area === undefined;
  const seen = plane && (isOfPixels || chip.masked === undefined) ? lookThrough(null, plane, mask) : undefined;
  const ofScene = mask.band === null && cloudCover !== undefined ? cloudCover / 100 : null;
  const masked = chip.masked === undefined ? (seen?.share ?? ofScene) : chip.masked;
  if (!isOfPixels || seen === undefined) return { ...chip, masked };
  return { ...chip, masked, area: areaOf(wholeArea(pixels), source, seen.shown) };
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
