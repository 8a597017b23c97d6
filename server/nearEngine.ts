import type { Engine } from '../core/doors/online/engine.ts';
import { onnx } from '../core/inference/onnx/session.ts';
import { isSteady } from '../core/inference/onnx/steadyGraph.ts';
import { type Inference, openModel } from '../core/inference/predict.ts';
import type { ModelPackage } from '../core/package/package.ts';

/** So long at most, a batch keeps the thread that answers requests: of a small model, the way to another thread and back costs more. */
const LIGHT_MILLISECONDS = 1;
const LIGHT_BYTES = 8 * 1024 ** 2;

/**
 * Has small batches run on this thread once the model is known to take little time for each chip; all others are run by `far`. A model
 * whose time depends on its input's values never runs here, as nothing could stop it; a batch that took longer than expected (numbers
 * next to zero are slow) sends those after it to `far`, until one of them is quick again.
 */
export function nearEngine(far: Engine, model: ModelPackage, bytes: Uint8Array, open = openHere): Engine {
  if (!onnx.takes(model) || model.device !== 'cpu' || bytes.length > LIGHT_BYTES || !isSteady(bytes)) return far;
  let near: ReturnType<typeof open> | undefined;
  let perChip = Number.POSITIVE_INFINITY;
  const isLight = (chips: number) => chips * perChip <= LIGHT_MILLISECONDS;
  return {
    ...far,
    isLight,
    run: async (batch) => {
      if (isLight(batch.chips)) near ??= open(model, bytes);
      const inference = isLight(batch.chips) ? await near : null;
      const started = performance.now();
      const outputs = await (inference?.scores(batch, 0, batch.chips) ?? far.run(batch));
      const took = (performance.now() - started) / batch.chips;
      perChip = took > 2 * perChip && inference ? took : Math.min(perChip, took);
      return outputs;
    },
    close: () => {
      far.close?.();
      void near?.then((opened) => opened?.close?.());
      near = undefined;
    },
  };
}

function openHere(model: ModelPackage, bytes: Uint8Array): Promise<Pick<Inference, 'scores' | 'close'> | null> {
  return openModel(model, async () => bytes, { runtimes: [onnx], threads: 1 }).catch(() => null);
}
