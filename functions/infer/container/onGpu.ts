import { InvalidModelPackage } from '../../../core/base/errors.ts';
import { modelId } from '../../../core/base/messages.ts';
import type { InferencePorts } from '../inferenceFor.ts';

/** Refuses the models that are meant for a GPU only, where there is none: on processors, they could take days. */
export function withoutGpu(classifier: InferencePorts['classifier']): InferencePorts['classifier'] {
  return async (ref) => {
    const inference = await classifier(ref);
    if (!inference.model.needsGpu) return inference;
    throw new InvalidModelPackage(
      `${modelId(ref)}: its package says that it runs on cuda only (mlm:accelerator_constrained), and the jobs of this stage have no GPU, as its parameter batchGpus is 0. Deploy it with batchGpus (docs/deploy.md), or promote another version.`,
    );
  };
}
