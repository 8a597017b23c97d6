import { LEAST_TEMPERATURE, MOST_TEMPERATURE } from '../statistics/calibration/temperature.ts';

export type PostProcessing = {
  readonly activation: 'softmax' | 'sigmoid' | null;
  /** What logits, or the logits of probabilities, are divided by; null for no change. */
  readonly temperature: number | null;
  /** The probability from which a class holds, if the expression states it. */
  readonly threshold: number | null;
};

export const POST_PROCESSING =
  'null, or {"format": "swath", "expression": …} with "softmax", "sigmoid", "temperature(1.5)" (0.05 to 20), "argmax" or "threshold(0.5)", or several of them with commas, such as "sigmoid, threshold(0.4)" or "softmax, temperature(1.5)"; other arithmetic, such as exp(A) - 1, belongs at the end of the graph';

/**
 * Parses the expression of a `post_processing_function` in this service's own format: an optional activation, then an
 * optional `temperature(…)`, then an optional `argmax` (which models of several classes get anyway) or `threshold(…)`.
 * Returns undefined if it is not one.
 */
export function parsePostProcessing(expression: string): PostProcessing | undefined {
  const steps = expression.split(',').map((step) => step.trim());
  const activation = steps[0] === 'softmax' || steps[0] === 'sigmoid' ? steps[0] : null;
  if (activation !== null) steps.shift();
  const temperature = numberIn('temperature', steps[0]);
  if (temperature !== null) {
    const isFine = temperature >= LEAST_TEMPERATURE && temperature <= MOST_TEMPERATURE;
    const isLast = steps.length === 1 || (steps.length === 2 && steps[1] === 'argmax');
    return isFine && isLast ? { activation, temperature, threshold: null } : undefined;
  }
  const [last, ...more] = steps;
  if (more.length > 0) return undefined;
  if (last === undefined || last === 'argmax') return { activation, temperature, threshold: null };
  const threshold = numberIn('threshold', last);
  const isFine = threshold !== null && threshold <= 1 && activation !== 'softmax';
  return isFine ? { activation, temperature, threshold } : undefined;
}

function numberIn(name: string, step = ''): number | null {
  const [, found, digits] = /^(\w+)\((\d+(?:\.\d+)?|\.\d+)\)$/.exec(step) ?? [];
  return found === name ? Number(digits) : null;
}
