import type { ModelRef } from '../../core/base/messages.ts';
import { chipsPerPart } from '../../core/package/bands.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Models } from '../../core/releases/contract.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';

type Ports = { models: Pick<Models, 'load'>; bytesPerBatch: number; chipsPerPart: number };

/** A file of a few tiny chips consists mostly of metadata: this size is small for every model. */
const FEW_BYTES = 64 * 1024;

/**
 * Returns whether a file of this size may go into a batch for a model version. The model must make no maps and its package must be
 * usable. The file may have no more bytes than the chips of one prepared part, unless it is small in any case.
 */
export function makeFitsBatch(ports: Ports) {
  return async (size: number, model: ModelRef): Promise<boolean> => {
    const loaded = await ports.models.load(model).catch(noneIfUnusable); // the execution of its own records the error
    return loaded !== null && loaded.output.pixels === null && size <= mostBytes(loaded);
  };

  function mostBytes(model: ModelPackage): number {
    const chip = model.source.bands.reduce((sum, { bytesPerChip }) => sum + bytesPerChip, 0);
    return Math.min(ports.bytesPerBatch, Math.max(FEW_BYTES, chipsPerPart(model, ports.chipsPerPart) * chip));
  }
}
