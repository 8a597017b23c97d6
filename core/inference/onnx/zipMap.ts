import { attempt, onError } from '../../base/errors.ts';
import { Malformed, message, type ReadField, textsIn } from '../../base/protobuf.ts';
import { labelsOfNode } from './classLabels.ts';
import { GRAPH, NODE, nodeMessage, valueMessage, withGraph } from './onnxMessages.ts';

/**
 * Returns a classifier of scikit-learn's with its probabilities as a tensor: skl2onnx ends it with ZipMap, which makes a list
 * of maps that no tensor holds. The output keeps its name. Other models are returned as they are.
 */
export function withoutZipMap(onnx: Uint8Array): Uint8Array {
  const unreadable = onError(Malformed, () => onnx); // whoever reads it says so
  return attempt(() => withGraph(onnx, edited) ?? onnx, unreadable);
}

function edited(fields: readonly ReadField[]): Uint8Array[] | null {
  const zip = fields.find(({ number, content }) => number === GRAPH.node && operatorOf(content) === 'ZipMap');
  if (zip === undefined) return null;
  const [[from = ''], [to = '']] = [textsIn(zip.content, NODE.input), textsIn(zip.content, NODE.output)];
  const classes = labelsOfNode(zip.content).length;
  return fields.map((field) => {
    if (field === zip) return message(GRAPH.node, nodeMessage({ operator: 'Identity', inputs: [from], outputs: [to] }));
    const isOutput = field.number === GRAPH.output && textsIn(field.content, 1)[0] === to;
    return isOutput ? message(GRAPH.output, valueMessage({ name: to, dimensions: ['batch', classes] })) : field.whole;
  });
}

const operatorOf = (node: Uint8Array) => textsIn(node, NODE.operator)[0];
