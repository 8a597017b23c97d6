// The limit of a cold infer: onnxruntime and the model's session, and nothing else.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');

const { InferenceSession } = createRequire(process.argv[3])('onnxruntime-node');

const loaded = performance.now();
const model = readFileSync(process.argv[2]);
void InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 }).then(() => {
  const rss = process.memoryUsage.rss();
  const { user, system } = process.cpuUsage();
  process.send({ loaded, rss, cpuSinceStart: (user + system) / 1000 }, () => process.exit());
});
