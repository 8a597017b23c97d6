/**
 * What is mutated, and by which tests that has to be noticed: tests of a module and of those that are built upon it. Of each
 * of them, only those are run that come to the changed place at all.
 */
export type Module = { sources: readonly string[]; tests: readonly string[] };

const FUNCTIONS = 'functions/{settle,discover,infer,drift,preprocess}/*.test.ts';

export const MODULES: Readonly<Record<string, Module>> = {
  ledger: { sources: ['core/ledger/*.ts'], tests: ['core/{ledger,batches}/*.test.ts', FUNCTIONS] },
  drift: {
    sources: ['core/{drift,statistics}/*.ts', 'functions/drift/*.ts'],
    tests: ['core/{drift,statistics}/*.test.ts', 'functions/drift/*.test.ts'],
  },
  settle: {
    sources: ['functions/settle/!(settleBatch).ts'],
    tests: ['functions/{settle,infer}/*.test.ts', 'core/batches/*.test.ts'],
  },
  discover: { sources: ['functions/discover/*.ts'], tests: ['functions/discover/*.test.ts'] },
  batches: {
    sources: [
      'core/batches/*.ts',
      'core/predictions/{column,contents,decodePredictions,encodePredictions,predictionColumns}.ts',
      'core/tasks/**/*.ts',
      'functions/infer/{classifyBatch,classifyChips,classifyPart,readScene}.ts',
      'functions/settle/settleBatch.ts',
    ],
    tests: ['core/{batches,predictions,tasks/**}/*.test.ts', 'functions/{infer,discover,settle,drift}/*.test.ts'],
  },
  online: {
    sources: ['core/online/!(docsPage).ts'], // that one is a page: a browser's tests see it
    tests: ['core/online/*.test.ts', 'functions/predict/*.test.ts', 'server/predictionServer.test.ts'],
  },
  answered: {
    sources: ['core/answered/*.ts', 'core/requests/*.ts', 'functions/infer/shadow*.ts'],
    tests: ['core/{answered,requests}/*.test.ts', 'functions/{collect,infer}/*.test.ts'],
  },
  collect: { sources: ['functions/collect/*.ts'], tests: ['functions/collect/*.test.ts'] },
  mosaic: { sources: ['functions/mosaic/*.ts'], tests: ['functions/mosaic/*.test.ts'] },
  maps: { sources: ['core/maps/**/*.ts'], tests: ['core/maps/**/*.test.ts', 'functions/mosaic/*.test.ts'] },
  truth: { sources: ['core/truth/*.ts'], tests: ['core/truth/*.test.ts', 'functions/collect/*.test.ts'] },
  comparison: {
    sources: ['core/comparison/*.ts'],
    tests: ['core/comparison/*.test.ts', 'cli/{gate,modelDiff}.test.ts'],
  },
  promotions: {
    sources: [
      'core/models/{promotions,promotionHistory,serving,changeServing,shadow,startShadow,publication,publishPackage,watchAlias}.ts',
    ],
    tests: [
      'core/{models,comparison}/*.test.ts',
      'functions/watch/*.test.ts',
      'cli/{gate,models,publishModel}.test.ts',
    ],
  },
  models: {
    sources: ['core/models/*.ts', 'core/inference/*.ts', 'core/inference/onnx/{onnxFile,onnxMessages,protobuf}.ts'],
    tests: ['core/{models,inference,inference/onnx}/*.test.ts', 'functions/{preprocess,infer}/*.test.ts'],
  },
  scenes: {
    sources: ['core/scenes/**/*.ts', 'functions/preprocess/*.ts'],
    tests: ['core/{limits,scenes/**/*}.test.ts', 'functions/preprocess/*.test.ts'],
  },
};

/** In a source folder, what is none: tests and wiring. */
export const NO_SOURCES = ['**/*.test.ts', '**/handler.ts'];
