import { labelsOfNode } from './classLabels.ts';
import { GRAPH, nodeMessage, valueMessage } from './onnxMessages.ts';
import { eachField, join, Malformed, message, type ReadField } from './protobuf.ts';

const MODEL_GRAPH = 7;
const NODE = { input: 1, output: 2, operator: 4 } as const;

/**
 * Returns a classifier of scikit-learn's with its probabilities as a tensor: skl2onnx ends it with ZipMap, which makes a list
 * of maps that no tensor holds. The output keeps its name. Other models are returned as they are.
 */
export function withoutZipMap(onnx: Uint8Array): Uint8Array {
  try {
    const graphs = [...eachField(onnx)].filter(({ number }) => number === MODEL_GRAPH);
    const [graph] = graphs;
    const zip = graph && [...eachField(graph.content)].find((field) => isNode(field, 'ZipMap'));
    if (graph === undefined || graphs.length > 1 || zip === undefined) return onnx;
    const [from, to] = [textIn(zip.content, NODE.input), textIn(zip.content, NODE.output)];
    const classes = labelsOfNode(zip.content).length;
    const fields = [...eachField(graph.content)].map((field) => {
      if (field.whole.byteOffset === zip.whole.byteOffset)
        return message(GRAPH.node, nodeMessage({ operator: 'Identity', inputs: [from], outputs: [to] }));
      const isOutput = field.number === GRAPH.output && textIn(field.content, 1) === to;
      return isOutput ? message(GRAPH.output, valueMessage({ name: to, dimensions: ['batch', classes] })) : field.whole;
    });
    const rest = [...eachField(onnx)].filter(({ number }) => number !== MODEL_GRAPH).map(({ whole }) => whole);
    return join([...rest, message(MODEL_GRAPH, fields)]);
  } catch (error) {
    if (error instanceof Malformed) return onnx; // whoever reads it says so
    throw error;
  }
}

function isNode({ number, content }: ReadField, operator: string): boolean {
  return number === GRAPH.node && textIn(content, NODE.operator) === operator;
}

/** Returns the first text of that number; empty if there is none. */
function textIn(bytes: Uint8Array, wanted: number): string {
  for (const { number, content } of eachField(bytes)) if (number === wanted) return new TextDecoder().decode(content);
  return '';
}
