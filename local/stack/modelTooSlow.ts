import type * as z from 'zod';
import { ModelTooSlow } from '../../core/base/errors.ts';
import { inferCallSchema, type ModelRef } from '../../core/base/messages.ts';
import { modelId } from '../../core/base/run.ts';

/** What is said of a call of infer, by its message, whose model was in one of its own calls for more than so many seconds. */
export function modelTooSlow(seconds: number) {
  return (message: unknown): ModelTooSlow => {
    const { data } = inferCallSchema.safeParse(message);
    const model = data && modelOf(data);
    return new ModelTooSlow(
      `The model${model === undefined ? '' : ` ${modelId(model).replace('/', ' ')}`} took more than ${seconds} seconds for one call, to load or to classify a batch, so it was stopped. Make the model smaller, or its batches, with mlm:batch_size_suggestion, under a new version; or promote another one.`,
    );
  };
}

function modelOf(call: z.infer<typeof inferCallSchema>): ModelRef {
  if ('batch' in call) return call.batch.model;
  return 'shadow' in call ? call.shadow.model : call.run.model;
}
