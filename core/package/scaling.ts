import type { Plan } from '../arrays/expression.ts';
import type { ValueScaling } from './item.ts';

/** A scaling by numbers, or by an expression, whose plan's only band is the value itself. */
export type BandScaling =
  | Exclude<ValueScaling, { type: 'processing' }>
  | { readonly type: 'processing'; readonly plan: Plan };

/**
 * A normal form of MLM's numeric value scalings, for one loop: `min(max((value - subtract) / divide, low), high)`. Parts
 * that it lacks are 0, 1 or infinite, which leaves a value unchanged, bit for bit; NaN stays NaN. An expression's plan comes first.
 */
export type Scaling = Readonly<Record<'subtract' | 'divide' | 'low' | 'high', number>> & { readonly plan: Plan | null };

/** Compiles the formulas of MLM 1.5's "Value Scaling Object"; `scale` divides. A `null` type leaves values unchanged. */
export function compileScaling(scaling: BandScaling): Scaling {
  const asIs = { plan: null, subtract: 0, divide: 1, low: -Infinity, high: Infinity };
  if (scaling.type === 'processing') return { ...asIs, plan: scaling.plan };
  if (scaling.type === 'scale') return { ...asIs, divide: scaling.value };
  if (scaling.type === 'offset') return { ...asIs, subtract: scaling.value };
  if (scaling.type === 'z-score') return { ...asIs, subtract: scaling.mean, divide: scaling.stddev };
  if (scaling.type === 'min-max')
    return { ...asIs, subtract: scaling.minimum, divide: scaling.maximum - scaling.minimum };
  if (scaling.type === 'clip') return { ...asIs, low: scaling.minimum, high: scaling.maximum };
  if (scaling.type === 'clip-min') return { ...asIs, low: scaling.minimum };
  return scaling.type === 'clip-max' ? { ...asIs, high: scaling.maximum } : asIs;
}

export const scaleValue = ({ subtract, divide, low, high }: Scaling, value: number): number =>
  Math.min(Math.max((value - subtract) / divide, low), high);
