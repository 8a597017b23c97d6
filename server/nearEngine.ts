import type { Engine } from '../core/doors/online/engine.ts';
import { onnx } from '../core/inference/onnx/session.ts';
import { type Inference, openModel } from '../core/inference/predict.ts';
import type { ModelPackage } from '../core/package/package.ts';

/** So long at most, a batch keeps the thread that answers requests: of a small model, the way to another thread and back costs more. */
const LIGHT_MILLISECONDS = 2;
const LIGHT_BYTES = 8 * 1024 ** 2;
/** What lets a graph take longer for one chip than for another. A weight that has such bytes by chance does no harm. */
const UNSTEADY = ['Loop', 'Scan', 'SequenceMap', 'Search'];

/**
 * Has small batches run on this thread once the model is known to take little time for each chip; all others are run by `far`. A model
 * whose time depends on its input never comes here, as nothing could stop it.
 */
export function nearEngine(far: Engine, model: ModelPackage, bytes: Uint8Array): Engine {
  const isSteady =
    onnx.takes(model) &&
    !UNSTEADY.some((operator) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(operator));
  if (!isSteady || model.device !== 'cpu' || bytes.length > LIGHT_BYTES) return far;
  let near: Promise<Inference | null> | undefined;
  let perChip = Number.POSITIVE_INFINITY;
  const isLight = (chips: number) => chips * perChip <= LIGHT_MILLISECONDS;
  return {
    ...far,
    isLight,
    run: async (batch) => {
      const started = performance.now();
      if (isLight(batch.chips)) near ??= open();
      const inference = isLight(batch.chips) ? await near : null;
      const outputs = await (inference?.scores(batch, 0, batch.chips) ?? far.run(batch));
      perChip = Math.min(perChip, (performance.now() - started) / batch.chips);
      return outputs;
    },
    close: () => {
      far.close?.();
      void near?.then((opened) => opened?.close?.());
    },
  };
  function open() {
    return openModel(model, async () => bytes, { runtimes: [onnx], threads: 1 }).catch(() => null);
  }
}
