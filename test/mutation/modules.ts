/**
 * What is mutated, and by which tests that has to be noticed: tests of a module and of those that are built upon it. Of each
 * of them, only those are run that come to the changed place at all.
 */
export type Module = { sources: readonly string[]; tests: readonly string[] };

const FUNCTIONS = 'functions/{settle,discover,infer,drift,preprocess}/**/*.test.ts';

export const MODULES: Readonly<Record<string, Module>> = {
  ledger: { sources: ['core/ledger/*.ts'], tests: ['core/{ledger,batches}/*.test.ts', FUNCTIONS] },
  drift: {
    sources: ['core/{drift,statistics}/*.ts', 'functions/drift/**/*.ts'],
    tests: ['core/{drift,statistics}/*.test.ts', 'functions/drift/**/*.test.ts'],
  },
  settle: {
    sources: ['functions/settle/!(settleBatch).ts'],
    tests: ['functions/{settle,infer}/**/*.test.ts', 'core/batches/*.test.ts'],
  },
  discover: { sources: ['functions/discover/*.ts'], tests: ['functions/discover/*.test.ts'] },
  batches: {
    sources: [
      'core/batches/*.ts',
      'core/package/task.ts',
      'core/results/{decodePredictions,encodePredictions,predictionColumns}.ts',
      'core/tasks/**/*.ts',
      'functions/infer/{batch/*,classifyPart,readScene}.ts',
      'functions/settle/settleBatch.ts',
    ],
    tests: ['core/{batches,results,tasks/**}/*.test.ts', 'functions/{infer,discover,settle,drift}/**/*.test.ts'],
  },
  online: {
    // Not the description, which Redocly and a generated client are held against.
    sources: ['core/doors/online/!(openapi|schemas).ts'],
    tests: ['core/doors/online/*.test.ts', 'functions/predict/*.test.ts', 'server/predictionServer.test.ts'],
  },
  answered: {
    sources: [
      'core/doors/queueMessage.ts',
      'core/doors/answered/*.ts',
      'core/doors/requests/*.ts',
      'functions/infer/shadow/*.ts',
    ],
    tests: [
      'core/doors/{answered,requests}/*.test.ts',
      'functions/{collect,infer}/**/*.test.ts',
      'cli/models/shadowOfPixels.test.ts',
    ],
  },
  collect: { sources: ['functions/collect/*.ts'], tests: ['functions/collect/*.test.ts'] },
  mosaic: { sources: ['functions/mosaic/*.ts'], tests: ['functions/mosaic/*.test.ts'] },
  maps: {
    sources: ['core/results/maps/**/*.ts'],
    tests: ['core/results/maps/**/*.test.ts', 'functions/mosaic/*.test.ts'],
  },
  truth: { sources: ['core/doors/truth/*.ts'], tests: ['core/doors/truth/*.test.ts', 'functions/collect/*.test.ts'] },
  comparison: {
    sources: ['core/releases/comparison/*.ts'],
    tests: ['core/releases/comparison/*.test.ts', 'cli/models/{gate,modelDiff,shadowOfPixels}.test.ts'],
  },
  promotions: {
    sources: ['core/releases/*.ts'],
    tests: [
      'core/releases/{,comparison}/*.test.ts',
      'functions/watch/*.test.ts',
      'cli/models/{gate,models,publishModel}.test.ts',
    ],
  },
  models: {
    sources: [
      'core/{package,arrays}/*.ts',
      'core/inference/*.ts',
      'core/inference/onnx/{onnxFile,onnxMessages,protobuf}.ts',
    ],
    tests: [
      'core/{package,arrays,releases,inference,inference/onnx}/*.test.ts',
      'functions/{preprocess,infer}/**/*.test.ts',
    ],
  },
  scenes: {
    sources: ['core/scenes/**/*.ts', 'functions/preprocess/*.ts'],
    tests: ['core/{base/limits,scenes/**/*}.test.ts', 'functions/preprocess/*.test.ts'],
  },
};

/** In a source folder, what is none: tests and wiring. */
export const NO_SOURCES = ['**/*.test.ts', '**/handler.ts'];
