import * as z from 'zod';
import type { Plane } from '../../arrays/dataTypes.ts';
import type { Chip } from '../../package/chip.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Measure } from '../measure.ts';

const schema = z.object({
  /** Chips in the file, including blanks. */
  chips: z.int().min(0),
  blank: z.int().min(0),
});

export type ChipCounts = z.infer<typeof schema>;

/** Counts the chips, and the blank ones, which are not classified. */
export const blanks: Measure<ChipCounts> = {
  name: 'blanks',
  schema,
  zero: { chips: 0, blank: 0 },
  add: (a, b) => ({ chips: a.chips + b.chips, blank: a.blank + b.blank }),
  look: () => {
    const sum = { chips: 0, blank: 0 };
    return {
      at: (_chip, isBlank) => {
        sum.chips += 1;
        if (isBlank) sum.blank += 1;
      },
      sum: () => sum,
    };
  },
  row: {
    write: ({ chips, blank }) => ({ chips, blank }),
    read: ({ chips = 0, blank = 0 }: { [Field in keyof ChipCounts]?: ChipCounts[Field] | undefined }) => ({
      chips,
      blank,
    }),
  },
  datums: ({ chips, blank }) => [
    { metric: 'Chips', value: chips },
    { metric: 'Blanks', value: blank },
    { metric: 'BlankShare', value: chips === 0 ? null : blank / chips },
  ],
};

/**
 * Returns whether a chip is blank: more than the share `nodataLimit` of its pixels hold no data, or no value of any source
 * band, used by the model or not, exceeds `blankMax` in source units. NaN exceeds nothing; with a `blankMax` of null no
 * value is too small. A chip that comes with its prediction says so itself.
 */
export function isBlank(
  { planes, nodataShare = 0, predicted }: Pick<Chip, 'planes' | 'nodataShare' | 'predicted'>,
  { blankMax, nodataLimit }: Pick<ModelPackage, 'blankMax' | 'nodataLimit'>,
): boolean {
  if (predicted !== undefined) return predicted === null;
  if (nodataShare > nodataLimit) return true;
  return blankMax !== null && !planes.some((plane) => exceeds(plane, blankMax));
}

function exceeds(plane: Plane, limit: number): boolean {
  for (let i = 0; i < plane.length; i++) if (plane[i]! > limit) return true;
  return false;
}
