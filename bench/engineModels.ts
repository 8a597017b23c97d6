import { encodeOnnx, type OnnxGraph, type OnnxNode } from '../test/models/onnx.ts';

/** Models of the usual shapes with random weights: what they predict means nothing, what they take to run does. */

export type EngineModel = { name: string; pixels: number; bands: number; onnx: Uint8Array; flops: number };

type Planes = { name: string; channels: number; side: number };

/** The layers of a graph, and the floating-point operations of those that multiply: two for each weight and place. */
function makeLayers() {
  const nodes: OnnxNode[] = [];
  const constants: OnnxGraph['constants'][number][] = [];
  const ofOne = Float32Array.from({ length: 2 ** 16 }, () => Math.random() - 0.5);
  let flops = 0;
  let made = 0;

  function node(operator: string, inputs: string[], attributes: OnnxNode['attributes'] = {}): string {
    const output = `v${made++}`;
    nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }
  function constant(dimensions: number[], values: ArrayLike<number>): string {
    const name = `c${made++}`;
    constants.push({ name, dimensions, values });
    return name;
  }
  function weights(dimensions: number[], scale = 0.1): string {
    const values = new Float32Array(dimensions.reduce((product, size) => product * size, 1));
    for (let at = 0; at < values.length; at += ofOne.length) values.set(ofOne.subarray(0, values.length - at), at);
    return constant(
      dimensions,
      values.map((value) => value * scale),
    );
  }
  function conv({ name, channels, side }: Planes, to: number, kernel: number, stride = 1, group = 1): Planes {
    const pad = kernel === stride ? 0 : Math.floor(kernel / 2);
    const out = Math.floor((side + 2 * pad - kernel) / stride) + 1;
    flops += 2 * to * (channels / group) * kernel ** 2 * out ** 2;
    const of = [name, weights([to, channels / group, kernel, kernel]), weights([to])];
    const pads = [pad, pad, pad, pad];
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads, group };
    return { name: node('Conv', of, attributes), channels: to, side: out };
  }
  function dense(name: string, rows: number, from: number, to: number): string {
    flops += 2 * rows * from * to;
    return node('Add', [node('MatMul', [name, weights([from, to])]), weights([to])]);
  }
  const count = (more: number) => {
    flops += more;
  };
  function encoded(name: string, bands: number, pixels: number, output: string, dimensions: (number | string)[]) {
    const inputs = [{ name: 'x', dimensions: ['b', bands, pixels, pixels] }];
    nodes.push({ operator: 'Identity', inputs: [output], outputs: ['y'] });
    const outputs = [{ name: 'y', dimensions }];
    return { name, pixels, bands, flops, onnx: encodeOnnx({ name: 'engine', inputs, outputs, constants, nodes }) };
  }
  return { node, constant, weights, conv, dense, count, encoded };
}

/** EfficientNet (Tan and Le, 2019): expansion, channels, repeats, stride and kernel of its stages, for B0. */
const STAGES = [
  [1, 16, 1, 1, 3],
  [6, 24, 2, 2, 3],
  [6, 40, 2, 2, 5],
  [6, 80, 3, 2, 3],
  [6, 112, 3, 1, 5],
  [6, 192, 4, 2, 5],
  [6, 320, 1, 1, 3],
] as const;

/** A U-Net of six classes with EfficientNet as its encoder, with the decoder of segmentation_models (256 to 16 channels). */
export function unet(name: string, width: number, depth: number, pixels = 256, bands = 4): EngineModel {
  const { node, constant, conv, encoded } = makeLayers();
  const wide = (channels: number) => 8 * Math.round((channels * width) / 8);
  const swish = (planes: Planes) => ({ ...planes, name: node('Mul', [planes.name, node('Sigmoid', [planes.name])]) });
  let planes = swish(conv({ name: 'x', channels: bands, side: pixels }, wide(32), 3, 2));
  const skips: Planes[] = [];
  for (const [expansion, channels, repeats, stride, kernel] of STAGES)
    for (let i = 0; i < Math.ceil(repeats * depth); i += 1) {
      const step = i === 0 ? stride : 1;
      if (step === 2) skips.push(planes);
      const inside = planes.channels * expansion;
      const wider = expansion === 1 ? planes : swish(conv(planes, inside, 1));
      const deep = swish(conv(wider, inside, kernel, step, inside));
      const pooled = { name: node('GlobalAveragePool', [deep.name]), channels: inside, side: 1 };
      const gate = conv(swish(conv(pooled, Math.max(1, Math.floor(planes.channels / 4)), 1)), inside, 1);
      const gated = { ...deep, name: node('Mul', [deep.name, node('Sigmoid', [gate.name])]) };
      const out = conv(gated, wide(channels), 1);
      const isSame = step === 1 && out.channels === planes.channels;
      planes = isSame ? { ...out, name: node('Add', [out.name, planes.name]) } : out;
    }
  const scales = constant([4], [1, 1, 2, 2]);
  const relu = (of: Planes) => ({ ...of, name: node('Relu', [of.name]) });
  for (const channels of [256, 128, 64, 32, 16]) {
    const skip = skips.pop();
    const up = node('Resize', [planes.name, '', scales]);
    const both = skip === undefined ? up : node('Concat', [up, skip.name], { axis: 1 });
    const joined = { name: both, channels: planes.channels + (skip?.channels ?? 0), side: 2 * planes.side };
    planes = relu(conv(relu(conv(joined, channels, 3)), channels, 3));
  }
  const output = node('Softmax', [conv(planes, 6, 3).name], { axis: 1 });
  return encoded(name, bands, pixels, output, ['b', 6, pixels, pixels]);
}

/** ViT-L/16 (Dosovitskiy et al., 2020), as in Prithvi-300M and SatMAE: 24 blocks of 1,024 numbers and 16 heads. */
export function vitLarge(pixels = 224, bands = 6): EngineModel {
  const { node, constant, weights, conv, dense, count, encoded } = makeLayers();
  const [width, blocks, heads, patch] = [1024, 24, 16, 16];
  const tokens = (pixels / patch) ** 2;
  const shape = (...sizes: number[]) => node('Cast', [constant([sizes.length], sizes)], { to: 7 });
  const norm = (name: string) => {
    const apart = node('Sub', [name, node('ReduceMean', [name], { axes: [-1] })]);
    const spread = node('ReduceMean', [node('Pow', [apart, constant([], [2])])], { axes: [-1] });
    const scaled = node('Div', [apart, node('Sqrt', [node('Add', [spread, constant([], [1e-6])])])]);
    return node('Add', [node('Mul', [scaled, weights([width], 1)]), weights([width])]);
  };
  const gelu = (name: string) => {
    const erf = node('Erf', [node('Div', [name, constant([], [Math.SQRT2])])]);
    return node('Mul', [node('Mul', [name, node('Add', [erf, constant([], [1])])]), constant([], [0.5])]);
  };
  const patches = conv({ name: 'x', channels: bands, side: pixels }, width, patch, patch);
  const rows = node('Transpose', [node('Reshape', [patches.name, shape(0, width, tokens)])], { perm: [0, 2, 1] });
  let name = node('Add', [rows, weights([1, tokens, width])]);
  const [toHeads, toRows] = [shape(0, tokens, heads, width / heads), shape(0, tokens, width)];
  for (let block = 0; block < blocks; block += 1) {
    const normed = norm(name);
    const [query, key, value] = [
      [0, 2, 1, 3],
      [0, 2, 3, 1],
      [0, 2, 1, 3],
    ].map((perm) => node('Transpose', [node('Reshape', [dense(normed, tokens, width, width), toHeads])], { perm })) as [
      string,
      string,
      string,
    ];
    count(2 * 2 * tokens ** 2 * width);
    const near = node('Div', [node('MatMul', [query, key]), constant([], [Math.sqrt(width / heads)])]);
    const seen = node('MatMul', [node('Softmax', [near], { axis: 3 }), value]);
    const joined = node('Reshape', [node('Transpose', [seen], { perm: [0, 2, 1, 3] }), toRows]);
    name = node('Add', [name, dense(joined, tokens, width, width)]);
    const inner = gelu(dense(norm(name), tokens, width, 4 * width));
    name = node('Add', [name, dense(inner, tokens, 4 * width, width)]);
  }
  const pooled = node('ReduceMean', [norm(name)], { axes: [1], keepdims: 0 });
  const output = node('Softmax', [dense(pooled, 1, width, 10)], { axis: 1 });
  return encoded('a ViT-L', bands, pixels, output, ['b', 10]);
}
