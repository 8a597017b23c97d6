import { attempt, onError } from '../../base/errors.ts';
import { preparedBands } from '../../package/bands.ts';
import { checkInput } from '../../package/check.ts';
import type { Dimension } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';
import { compileScaling } from '../../package/scaling.ts';
import { PREPARED } from '../feed.ts';
import { constantMessage, GRAPH, nodeMessage, type OnnxNode, TYPES, valueMessage, withGraph } from './onnxMessages.ts';
import { Malformed, message, opsetOf } from './protobuf.ts';
import { asMetadata, valueInfoOf } from './valueInfo.ts';

/**
 * Adds a package's scaling and layout to the front of its model's graph: onnxruntime does them in a tenth of the time, and
 * merges a change of layout with one that the model begins with. The resulting model takes bytes, batch × bands × height ×
 * width, as they are in a prepared part. Its results are the same, bit for bit: a byte divided by a float32, rounded once.
 *
 * Returns null if they would not be: if values are not bytes, a scaling is more than a division, or the graph does not
 * plainly match the package. Such a model is run unchanged, and its errors are reported there.
 */
export function withScaling(model: ModelPackage, onnx: Uint8Array): Uint8Array | null {
  if (onnx.length > MOST_BYTES || !preparedBands(model).every(({ dataType }) => dataType === 'uint8')) return null;
  const divisors = divisorsOf(model);
  if (divisors === null) return null;
  const unreadable = onError(Malformed, () => null);
  return attempt(() => edited(model, onnx, divisors), unreadable);
}

/** Larger models are left unchanged: another copy in memory costs more than scaling outside the graph. */
const MOST_BYTES = 64 * 1024 ** 2;

/** The opset since which Div broadcasts and Cast takes a number. */
const OLDEST_OPSET = 7;

function edited(model: ModelPackage, onnx: Uint8Array, divisors: readonly number[]): Uint8Array | null {
  if (model.tensor.dimensions.length < PLANAR.length) return null; // rows of numbers: there is little to scale
  if (opsetOf(onnx) < OLDEST_OPSET || model.inputs.length > 1) return null;
  return withGraph(onnx, (fields) => {
    const [input, ...more] = fields.filter(({ number }) => number === GRAPH.input);
    if (input === undefined || more.length > 0) return null;
    const found = valueInfoOf(input.content);
    const { name, shape } = found;
    if (name === '' || !shape?.length || shape.includes('')) return null;
    if (checkInput(model, model.inputs[0]!, asMetadata(found)).length > 0) return null;
    const rest = fields.filter((field) => field !== input).map(({ whole }) => whole);
    return [...frontOf(model, name, shape, divisors), ...rest];
  });
}

type Shape = readonly (number | string)[];

/** Returns the nodes from bytes to the model's own input, to be put first in its graph. */
function frontOf(model: ModelPackage, input: string, shape: Shape, divisors: readonly number[]): Uint8Array[] {
  const { dimensions } = model.tensor;
  const order = dimensions.map((dimension) => PLANAR.indexOf(dimension));
  const divisor =
    new Set(divisors).size > 1
      ? { dimensions: [divisors.length, 1, 1], values: divisors }
      : { dimensions: [], values: divisors.slice(0, 1) };
  const nodes: OnnxNode[] = [
    { operator: 'Cast', inputs: [PREPARED], outputs: ['swath:floats'], attributes: { to: TYPES.float32 } },
    { operator: 'Div', inputs: ['swath:floats', 'swath:divisor'], outputs: ['swath:scaled'] },
    { operator: 'Transpose', inputs: ['swath:scaled'], outputs: [input], attributes: { perm: order } },
  ];
  const sizes = PLANAR.map((dimension) => shape[dimensions.indexOf(dimension)]!);
  return [
    ...nodes.map((node) => message(GRAPH.node, nodeMessage(node))),
    message(GRAPH.constant, constantMessage({ name: 'swath:divisor', ...divisor })),
    message(GRAPH.input, valueMessage({ name: PREPARED, type: 'uint8', dimensions: sizes })),
  ];
}

/** The layout of a part's bytes in a batch. */
const PLANAR: readonly Dimension[] = ['batch', 'bands', 'height', 'width'];

/** Returns each band's divisor; null if a scaling is more than a division, or would differ in float32. */
function divisorsOf({ scaling, tensor }: ModelPackage): number[] | null {
  if (tensor.dataType !== 'float32') return null;
  const compiled = scaling.flatMap((one) => (one.type === 'processing' ? [] : compileScaling(one)));
  const divides = compiled.every(
    ({ subtract, divide, low, high }) =>
      subtract === 0 && low === -Infinity && high === Infinity && divide !== 0 && Math.fround(divide) === divide,
  );
  return divides && compiled.length === scaling.length ? compiled.map(({ divide }) => divide) : null;
}
