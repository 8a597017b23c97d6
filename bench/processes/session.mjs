// The limit of a cold infer: onnxruntime and the model's session, and nothing else.
import { readFile } from 'node:fs/promises';

const { InferenceSession } = await import('onnxruntime-node');
const loaded = performance.now();
await InferenceSession.create(await readFile(process.argv[2]), { intraOpNumThreads: 1, interOpNumThreads: 1 });
process.send({ loaded, milliseconds: performance.now(), rss: process.memoryUsage.rss(), mostRss: 0 }, () =>
  process.exit(),
);
