import { readFileSync } from 'node:fs';
import '../../core/inference/onnx/noTelemetry.ts';
import * as ort from 'onnxruntime-node';
import { ENGINE_PRICES, VCPU_SECOND } from '../../cli/models/engine.ts';
import { type EngineModel, unet, vitLarge } from '../engineModels.ts';
import { counted, type Figure, measured, spread } from '../figure.ts';
import type { Suite } from '../suite.ts';

/** 1,000 km² at 10 m. */
const PIXELS = 1e7;
/** Minutes until an instance with a GPU has started and pulled its image: from 5 to 15. */
const START_MINUTES = 10;
/** What the data sheets promise, which no model reaches: the T4's float32, the L4's TF32 without sparsity. */
const GPUS = [
  { name: 'g4dn.xlarge', flops: 8.1e12, source: 'https://www.nvidia.com/en-us/data-center/tesla-t4/' },
  { name: 'g6.xlarge', flops: 60e12, source: 'https://www.nvidia.com/en-us/data-center/l4/' },
] as const;

/** The bundled model of pixels, whose FLOPs nobody has counted: for it a GPU's best is not told. */
function bundled(): Omit<EngineModel, 'flops'> & { flops: null } {
  const file = new URL('../../models/s2-scl/1.0.0/', import.meta.url);
  const item = JSON.parse(readFileSync(new URL('item.json', file), 'utf8'));
  const [, bands] = item.properties['mlm:input'][0].input.shape;
  const [pixels] = item.properties['swath:chip_shape'];
  return { name: 's2-scl (bundled)', pixels, bands, onnx: readFileSync(new URL('model.onnx', file)), flops: null };
}

const MODELS: readonly [least: number, make: () => ReturnType<typeof bundled> | EngineModel][] = [
  [20, bundled],
  [5, () => unet('a U-Net with EfficientNet-B0', 1, 1)],
  [3, () => unet('a U-Net with EfficientNet-B7', 2, 3.1)],
  [3, vitLarge],
];

/** Dollars for 1,000 km², by model and by what runs it. */
export const engines: Suite = {
  title: 'Models by engine: time of a chip, and dollars for an area',
  onOneCore: true,
  run: async ({ isQuick, tell, note }) => {
    const figures: Figure[] = [];
    for (const [rounds, make] of isQuick ? MODELS.slice(0, 2) : MODELS) {
      const model = make();
      tell(model.name);
      const seconds = await chipSeconds(model, isQuick ? 1 : rounds);
      figures.push(...figuresOf(model, seconds));
    }
    const { 'g4dn.xlarge': g4dn, 'g6.xlarge': g6 } = ENGINE_PRICES.gpuHour;
    const start = (hour: number) => ((hour * START_MINUTES) / 60).toFixed(3);
    note(
      `In us-east-1, for 1,000 km² at 10 m. Weights are random, except those of s2-scl: what a model predicts does not change what it takes. The bare model, float32, on one thread, chip by chip; chips do not overlap. Reading, cutting and writing are not in it (the table of steps has them), nor are starts, requests and storage. A job on Fargate has 4 GB for each vCPU. The prices stand in cli/models/engine.ts.`,
    );
    note(
      `GPUs are UNTRIED: there was none. “At best” is a bound, not an estimate: the model’s operations at the rate of the data sheet (T4: 8.1 TFLOPS in float32, ${GPUS[0].source}; L4: 60 in TF32, ${GPUS[1].source}), at the price on demand. Real models reach a fraction of that. Spot is cheaper by a share that changes by the hour, and was not reckoned.`,
    );
    note(
      `What does not depend on such a rate: on demand, a g4dn.xlarge ($${g4dn} an hour) costs as much as ${(g4dn / 3600 / VCPU_SECOND.function).toFixed(1)} vCPUs in functions, a g6.xlarge ($${g6}) as ${(g6 / 3600 / VCPU_SECOND.function).toFixed(1)}: if it is not so many times as fast as one of this machine’s cores, functions cost less. Its start takes 5 to 15 minutes that are paid for: ten of them cost $${start(g4dn)} and $${start(g6)}. “Breaks even” is the area at which functions cost as much as such a start and the GPU at best together.`,
    );
    return figures;
  },
};

/** Processor seconds of each round: at least two warm chips, and as many as take half a second. */
async function chipSeconds({ onnx, bands, pixels }: Omit<EngineModel, 'flops'>, rounds: number): Promise<number[]> {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [name = ''] = session.inputNames;
  const values = Float32Array.from({ length: bands * pixels ** 2 }, () => Math.random());
  const feeds = { [name]: new ort.Tensor('float32', values, [1, bands, pixels, pixels]) };
  await session.run(feeds);
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = process.cpuUsage();
    let [chips, seconds] = [0, 0];
    for (; chips < 2 || seconds < 0.5; chips += 1) {
      await session.run(feeds);
      const { user, system } = process.cpuUsage(start);
      seconds = (user + system) / 1e6;
    }
    found.push(seconds / chips);
  }
  await session.release();
  return found;
}

function figuresOf(model: EngineModel | ReturnType<typeof bundled>, seconds: number[]): Figure[] {
  const { name, pixels, onnx, flops } = model;
  const chips = PIXELS / pixels ** 2;
  const dollars = (perSecond: number) => seconds.map((one) => one * chips * perSecond);
  const size = `${pixels} × ${pixels} pixels, ${Number((onnx.length / 1e6).toPrecision(3))} MB`;
  const of = flops === null ? size : `${size}, ${(flops / 1e9).toFixed(1)} GFLOP`;
  const figures = [
    measured(
      `${name}: a chip of ${of}`,
      'ms',
      seconds.map((one) => one * 1000),
    ),
    measured('… 1,000 km² in functions', '$', dollars(VCPU_SECOND.function)),
    measured('… in jobs on Fargate', '$', dollars(VCPU_SECOND.batch)),
  ];
  if (flops === null) return figures;
  const inFunctions = spread(dollars(VCPU_SECOND.function)).median;
  const onGpus = GPUS.flatMap((gpu) => {
    const hour = ENGINE_PRICES.gpuHour[gpu.name];
    const best = (chips * flops * hour) / gpu.flops / 3600;
    const even = (1000 * (hour * START_MINUTES)) / 60 / (inFunctions - best);
    return [
      counted(`… on ${gpu.name}, at best (untried)`, '$', best),
      counted(`… on ${gpu.name}, breaks even at best from`, 'km²', even),
    ];
  });
  return [...figures, ...onGpus];
}
