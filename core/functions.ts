/** The functions that the state machine calls, by their names: a folder of `functions/` and an entry of serverless.yml each. */
export const PIPELINE_FUNCTIONS = ['preprocess', 'infer', 'mosaic', 'drift', 'discover', 'settle', 'report'] as const;
export type PipelineFunction = (typeof PIPELINE_FUNCTIONS)[number];

/** The functions of every stage: those, and the ones that the dashboard calls. */
export const STAGE_FUNCTIONS = [...PIPELINE_FUNCTIONS, 'ledgerWidget', 'retry'] as const;
export type StageFunction = (typeof STAGE_FUNCTIONS)[number];

/** Every function that there is: those, and `webhook`, which deploys where the parameter alarmWebhook is set. */
export const FUNCTIONS = [...STAGE_FUNCTIONS, 'webhook'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
