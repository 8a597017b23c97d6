/** What is done to a model's numbers before they mean anything. */
export type PostProcessing = {
  readonly activation: 'softmax' | 'sigmoid' | null;
  /** How probable a class must be to hold, where the expression says it. */
  readonly threshold: number | null;
};

/** In an error. */
export const POST_PROCESSING =
  'null, or {"format": "swath", "expression": …} with "softmax", "sigmoid", "argmax" or "threshold(0.5)", or several of them with commas, such as "sigmoid, threshold(0.4)"';

const THRESHOLD = /^threshold\((\d+(?:\.\d+)?|\.\d+)\)$/;

/**
 * Reads the expression of a `post_processing_function` in our own format: at most one activation, then at most one of `argmax`
 * (which is what a model of several classes gets anyway) and `threshold(…)`. Undefined where it is none.
 */
export function parsePostProcessing(expression: string): PostProcessing | undefined {
  const steps = expression.split(',').map((step) => step.trim());
  const activation = steps[0] === 'softmax' || steps[0] === 'sigmoid' ? steps[0] : null;
  const [last, ...more] = activation === null ? steps : steps.slice(1);
  if (more.length > 0) return undefined;
  if (last === undefined || last === 'argmax') return { activation, threshold: null };
  const threshold = Number(THRESHOLD.exec(last)?.[1] ?? Number.NaN);
  return threshold >= 0 && threshold <= 1 && activation !== 'softmax' ? { activation, threshold } : undefined;
}
