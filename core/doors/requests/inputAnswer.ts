import type { Values } from '../../package/column.ts';
import type { ModelPackage } from '../../package/package.ts';
import type { Answered } from '../../package/task.ts';

/** Returns the answer for an input that the model was run on. */
export function predictedAnswer(
  values: Values,
  chip: number,
  model: ModelPackage,
): Answered & { readonly error: string | null } {
  const task = model.task;
  const isMissing = task.said.of(values, chip).value === null;
  const error = isMissing ? `${model.name} ${model.version} has no finite number for it.` : null;
  return { ...task.answer(values, chip, model), error };
}

/** Returns why a readable input has no prediction. */
export function blankWarning({ blankMax, nodataLimit }: Pick<ModelPackage, 'blankMax' | 'nodataLimit'>): string {
  const dark = blankMax === null ? '' : `no value of it exceeds ${blankMax}, or `;
  return `It is blank: ${dark}a share of more than ${nodataLimit} of its pixels holds no data. It was not classified.`;
}
