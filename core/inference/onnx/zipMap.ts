import { attempt, onError } from '../../base/errors.ts';
import { labelsOfNode } from './classLabels.ts';
import { GRAPH, MODEL, NODE, nodeMessage, valueMessage } from './onnxMessages.ts';
import { eachField, join, Malformed, message, type ReadField, textsIn } from './protobuf.ts';

/**
 * Returns a classifier of scikit-learn's with its probabilities as a tensor: skl2onnx ends it with ZipMap, which makes a list
 * of maps that no tensor holds. The output keeps its name. Other models are returned as they are.
 */
export function withoutZipMap(onnx: Uint8Array): Uint8Array {
  const unreadable = onError(Malformed, () => onnx); // whoever reads it says so
  return attempt(() => edited(onnx), unreadable);
}

function edited(onnx: Uint8Array): Uint8Array {
  const graphs = [...eachField(onnx)].filter(({ number }) => number === MODEL.graph);
  const [graph] = graphs;
  const zip = graph && [...eachField(graph.content)].find((field) => isNode(field, 'ZipMap'));
  if (graph === undefined || graphs.length > 1 || zip === undefined) return onnx;
  const [[from = ''], [to = '']] = [textsIn(zip.content, NODE.input), textsIn(zip.content, NODE.output)];
  const classes = labelsOfNode(zip.content).length;
  const fields = [...eachField(graph.content)].map((field) => {
    if (field.whole.byteOffset === zip.whole.byteOffset)
      return message(GRAPH.node, nodeMessage({ operator: 'Identity', inputs: [from], outputs: [to] }));
    const isOutput = field.number === GRAPH.output && textsIn(field.content, 1)[0] === to;
    return isOutput ? message(GRAPH.output, valueMessage({ name: to, dimensions: ['batch', classes] })) : field.whole;
  });
  const rest = [...eachField(onnx)].filter(({ number }) => number !== MODEL.graph).map(({ whole }) => whole);
  return join([...rest, message(MODEL.graph, fields)]);
}

function isNode({ number, content }: ReadField, operator: string): boolean {
  return number === GRAPH.node && textsIn(content, NODE.operator)[0] === operator;
}
