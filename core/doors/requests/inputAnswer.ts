import type { Values } from '../../package/carry.ts';
import type { ModelPackage } from '../../package/package.ts';

/** Fields that an answer has for every task, so that clients can read them without knowing the task. */
export const EVERY_TASK = { class: null, label: null, probability: null, probabilities: null, value: null };

/** What each answer says of its input, beside what its task says. */
export type AboutInput = {
  readonly id: string | null;
  /** The ids of the records that it was made of. */
  readonly features?: readonly string[];
  readonly warnings: readonly string[];
  readonly error: string | null;
};

/** The ids of the records that an input was made of, by those that its chip or prediction has; nothing for other inputs. */
export function recordsOf(ids: readonly (string | null | undefined)[]): { features?: readonly string[] } {
  const features = ids.filter((id) => id != null);
  return features.length > 0 ? { features } : {};
}

/** Says that a prediction is missing; null if there is one. */
export const missingIn = (values: Values, chip: number, { name, version, task }: ModelPackage): string | null =>
  task.said.of(values, chip).value === null ? `${name} ${version} has no finite number for it.` : null;

export const predictedAnswer = (values: Values, chip: number, model: ModelPackage) => {
  return { ...model.task.answer(values, chip, model), error: missingIn(values, chip, model) };
};

export function blankWarning({ blankMax, nodataLimit, text }: Pick<ModelPackage, 'blankMax' | 'nodataLimit' | 'text'>) {
  if (text) return 'It is blank: there is no text in it. It was not classified.';
  const dark = blankMax === null ? '' : `no value of it exceeds ${blankMax}, or `;
  return `It is blank: ${dark}a share of more than ${nodataLimit} of its pixels holds no data. It was not classified.`;
}
