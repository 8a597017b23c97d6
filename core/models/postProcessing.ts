/** What is done to a model's numbers before they mean anything. */
export type PostProcessing = {
  readonly activation: 'softmax' | 'sigmoid' | null;
  /** By what logits are divided, or what would be those of probabilities; null where they stay as they are. */
  readonly temperature: number | null;
  /** How probable a class must be to hold, where the expression says it. */
  readonly threshold: number | null;
};

/** Outside of these, nothing is left of a model's probabilities: every one is 0 or 1, or all are the same. */
export const LEAST_TEMPERATURE = 0.05;
export const MOST_TEMPERATURE = 20;

/** In an error. */
export const POST_PROCESSING =
  'null, or {"format": "swath", "expression": …} with "softmax", "sigmoid", "temperature(1.5)" (0.05 to 20), "argmax" or "threshold(0.5)", or several of them with commas, such as "sigmoid, threshold(0.4)" or "softmax, temperature(1.5)"';

const THRESHOLD = /^threshold\((\d+(?:\.\d+)?|\.\d+)\)$/;
const TEMPERATURE = /^temperature\((\d+(?:\.\d+)?|\.\d+)\)$/;

/**
 * Reads the expression of a `post_processing_function` in our own format: at most one activation, then at most one
 * `temperature(…)`, then at most one of `argmax` (which is what a model of several classes gets anyway) and `threshold(…)`.
 * Undefined where it is none.
 */
export function parsePostProcessing(expression: string): PostProcessing | undefined {
  const steps = expression.split(',').map((step) => step.trim());
  const activation = steps[0] === 'softmax' || steps[0] === 'sigmoid' ? steps[0] : null;
  if (activation !== null) steps.shift();
  const temperature = numberIn(TEMPERATURE, steps[0]);
  if (temperature !== null) {
    // A threshold is of labels that each hold or not, and a temperature of classes of which one does.
    const isFine = temperature >= LEAST_TEMPERATURE && temperature <= MOST_TEMPERATURE && activation !== 'sigmoid';
    const isLast = steps.length === 1 || (steps.length === 2 && steps[1] === 'argmax');
    return isFine && isLast ? { activation, temperature, threshold: null } : undefined;
  }
  const [last, ...more] = steps;
  if (more.length > 0) return undefined;
  if (last === undefined || last === 'argmax') return { activation, temperature, threshold: null };
  const threshold = numberIn(THRESHOLD, last);
  const isFine = threshold !== null && threshold <= 1 && activation !== 'softmax';
  return isFine ? { activation, temperature, threshold } : undefined;
}

function numberIn(pattern: RegExp, step: string | undefined): number | null {
  const [, digits] = pattern.exec(step ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}
