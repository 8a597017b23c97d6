import { eachField, int, join, message, text } from '../../core/base/protobuf.ts';
import { GRAPH, withGraph } from '../../core/inference/onnx/onnxMessages.ts';

export const DATA_FILE = 'model.onnx.data';

/** Splits a model as exporters of large models do: the data of its constants are in a file beside the graph. */
export function dataBeside(onnx: Uint8Array, location = DATA_FILE): { graph: Uint8Array; data: Uint8Array } {
  const data: Uint8Array[] = [];
  let offset = 0;
  const graph = withGraph(onnx, (fields) =>
    fields.map((field) => {
      if (field.number !== GRAPH.constant) return field.whole;
      const parts = [...eachField(field.content)];
      const raw = parts.find(({ number }) => number === 9);
      if (raw === undefined) return field.whole;
      const about = { location, offset: String(offset), length: String(raw.content.length) };
      const padded = new Uint8Array(Math.ceil(raw.content.length / 64) * 64);
      padded.set(raw.content);
      data.push(padded);
      offset += padded.length;
      const entries = Object.entries(about).map(([key, value]) => message(13, [text(1, key), text(2, value)]));
      const kept = parts.filter((part) => part !== raw).map(({ whole }) => whole);
      return message(GRAPH.constant, [...kept, ...entries, int(14, 1)]);
    }),
  );
  return { graph: graph!, data: join(data) };
}

/** The asset of `item.json` that names the file. */
export const WEIGHTS = { href: `./${DATA_FILE}`, roles: ['mlm:weights'], 'mlm:artifact_type': 'onnx' };
