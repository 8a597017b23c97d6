import { InvalidModelPackage, ObjectNotFound } from '../../core/errors.ts';
import type { ModelRef } from '../../core/messages.ts';
import { chipsPerPart } from '../../core/models/chipsPerPart.ts';
import type { Models } from '../../core/models/models.ts';
import type { ModelPackage } from '../../core/models/package.ts';

type Ports = { models: Pick<Models, 'load'>; bytesPerBatch: number; chipsPerPart: number };

/** A file of a few tiny chips is more what stands around them: so many bytes are few for every model. */
const FEW_BYTES = 64 * 1024;

/**
 * Whether a batch may have a file of so many bytes, for a model version: one that makes no maps, and whose package can be used,
 * and no more bytes than the chips of one prepared part have, but for what is small in any case.
 */
export function makeFitsBatch(ports: Ports) {
  return async (size: number, model: ModelRef): Promise<boolean> => {
    const loaded = await ports.models.load(model).catch(nullIfUnusable);
    return loaded !== null && loaded.output.pixels === null && size <= mostBytes(loaded);
  };

  function mostBytes(model: ModelPackage): number {
    const chip = model.source.bands.reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 0);
    return Math.min(ports.bytesPerBatch, Math.max(FEW_BYTES, chipsPerPart(model, ports.chipsPerPart) * chip));
  }
}

/** With a package that cannot be used, an execution of its own says what is wrong with it. */
export function nullIfUnusable(error: unknown): null {
  if (error instanceof InvalidModelPackage || error instanceof ObjectNotFound) return null;
  throw error;
}
