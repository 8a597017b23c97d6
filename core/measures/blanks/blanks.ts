import * as z from 'zod';
import type { Plane } from '../../arrays/dataTypes.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import type { Measure } from '../measure.ts';
import { measuredShape } from '../rowFields.ts';
import { isMasked, withMask } from './mask.ts';

const schema = z.object(measuredShape).pick({ chips: true, blank: true, masked: true });

export type ChipCounts = z.infer<typeof schema>;

type Counts = { [Field in keyof ChipCounts]?: number | undefined };

const countsOf = ({ chips = 0, blank = 0, masked = 0 }: Counts) => ({ chips, blank, ...(masked > 0 && { masked }) });

/** Counts the chips: the blank ones, which are not classified, and those that clouds hide, which count in no verdict. */
export const blanks: Measure<ChipCounts> = {
  schema,
  zero: { chips: 0, blank: 0 },
  add: (a, b) =>
    countsOf({ chips: a.chips + b.chips, blank: a.blank + b.blank, masked: (a.masked ?? 0) + (b.masked ?? 0) }),
  look: ({ mask }) => {
    const sum = { chips: 0, blank: 0, masked: 0 };
    return {
      at: ({ masked, isOutside }, isBlank) => {
        sum.chips += 1;
        if (isOutside) sum.masked += 1;
        else if (isBlank) sum.blank += 1;
        else if (isMasked(masked, mask)) sum.masked += 1;
      },
      sum: () => countsOf(sum),
    };
  },
  row: { write: countsOf, read: countsOf },
  datums: ({ chips, blank }) => [
    { metric: 'Chips', value: chips },
    { metric: 'Blanks', value: blank },
    { metric: 'BlankShare', value: chips === 0 ? null : blank / chips },
  ],
};

/**
 * Returns whether a chip is blank: more than the share `nodataLimit` of its pixels hold no data, or no value of any source
 * band except the mask, used by the model or not, exceeds `blankMax` in source units. NaN exceeds nothing; with a `blankMax` of null no
 * value is too small. A chip outside of its scene's area is; one that comes with its prediction says so itself.
 */
export function isBlank(
  { planes, nodataShare = 0, predicted, isOutside }: Pick<Chip, 'planes' | 'nodataShare' | 'predicted' | 'isOutside'>,
  { blankMax, nodataLimit, mask }: Pick<ModelPackage, 'blankMax' | 'nodataLimit' | 'mask'>,
): boolean {
  if (predicted !== undefined) return predicted === null;
  if (isOutside || nodataShare > nodataLimit) return true;
  return blankMax !== null && !planes.some((plane, band) => band !== mask?.band && exceeds(plane, blankMax));
}

function exceeds(plane: Plane, limit: number): boolean {
  const held = plane instanceof Float32Array ? Math.fround(limit) : limit; // as the values are: 0.1 does not exceed 0.1
  for (let i = 0; i < plane.length; i++) if (plane[i]! > held) return true;
  return false;
}

/** Returns whether a chip says nothing about the data as they usually are: it is blank, or under clouds. */
export const isLeftOut = (chip: Chip, model: ModelPackage): boolean =>
  isBlank(chip, model) || isMasked(withMask(chip, model).masked, model.mask);
