import type { Engine } from '../core/doors/online/engine.ts';
import { longest } from '../core/inference/feed.ts';
import { checkOnnxFile } from '../core/inference/onnx/onnxFile.ts';
import { onnx } from '../core/inference/onnx/session.ts';
import { isSteady } from '../core/inference/onnx/steadyGraph.ts';
import { type Inference, openModel } from '../core/inference/predict.ts';
import type { ModelPackage } from '../core/package/package.ts';

/** So long at most, a batch keeps the thread that answers requests: of a small model, the way to another thread and back costs more. */
const LIGHT_MILLISECONDS = 1;
const LIGHT_BYTES = 4 * 1024 ** 2;

/**
 * Has batches run on this thread that are no larger than one that took little time; all others are run by `far`. A model whose time
 * depends on its input's values never runs here, as nothing could stop it. A batch that took longer than expected (numbers next to
 * zero are slow) sends those of its size to `far`, until one of them is quick again.
 */
export async function nearEngine(
  far: Engine,
  model: ModelPackage,
  bytes: Uint8Array,
  { open = openHere, now = () => performance.now() } = {},
): Promise<Engine> {
  if (!onnx.takes(model) || model.device !== 'cpu' || bytes.length > LIGHT_BYTES) return far;
  checkOnnxFile(model.artifact.file, bytes);
  if (!isSteady(bytes)) return far;
  let near = await open(model, bytes).catch(() => null); // whoever asks `far` hears why
  if (near === null) return far;
  let [lightSize, tokens] = [0, 1];
  const isLight = (chips: number) => near !== null && chips * tokens <= lightSize;
  return {
    ...far,
    isLight,
    run: async (batch) => {
      const { chips } = batch;
      tokens = longest(model, batch);
      const started = now();
      const outputs = await (isLight(chips) ? near!.scores(batch, 0, chips) : far.run(batch));
      const isQuick = now() - started <= LIGHT_MILLISECONDS;
      lightSize = isQuick ? Math.max(lightSize, chips * tokens) : Math.min(lightSize, chips * tokens - 1);
      return outputs;
    },
    close: () => {
      far.close?.();
      void near?.close?.();
      near = null;
    },
  };
}

const openHere = (model: ModelPackage, bytes: Uint8Array): Promise<Pick<Inference, 'scores' | 'close'>> =>
  openModel(model, async () => bytes, { runtimes: [onnx], threads: 1 });
