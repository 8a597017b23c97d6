/** The functions that the state machine calls, by their names: a folder of `functions/` and an entry of serverless.yml each. */
export const PIPELINE_FUNCTIONS = ['preprocess', 'infer', 'drift', 'discover', 'settle', 'report'] as const;
export type PipelineFunction = (typeof PIPELINE_FUNCTIONS)[number];

/** Every function that deploys: those, and the ones that the dashboard calls. */
export const FUNCTIONS = [...PIPELINE_FUNCTIONS, 'ledgerWidget', 'retry'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
