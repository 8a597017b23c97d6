/** The functions that the state machine calls, by their names: a folder of `functions/` and an entry of serverless.yml each. */
export const PIPELINE_FUNCTIONS = ['preprocess', 'infer', 'mosaic', 'drift', 'discover', 'settle', 'report'] as const;
export type PipelineFunction = (typeof PIPELINE_FUNCTIONS)[number];

/** The functions of every stage: those, and the ones that the dashboard calls. */
export const STAGE_FUNCTIONS = [...PIPELINE_FUNCTIONS, 'ledgerWidget', 'retry'] as const;
export type StageFunction = (typeof STAGE_FUNCTIONS)[number];

/**
 * Every function that there is: those, and some that deploy where a parameter asks for them: `webhook` where alarmWebhook is set,
 * `watch` where modelWatch is, `collect` where arrivalsWindowSeconds is above 0, or requests is true, `predict` and `catalogue` where api is true.
 */
export const FUNCTIONS = [...STAGE_FUNCTIONS, 'webhook', 'collect', 'predict', 'catalogue', 'watch'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The functions that work on a laptop: those of the state machine, and the one that gathers what arrives. */
export const EMBEDDED_FUNCTIONS = [...PIPELINE_FUNCTIONS, 'collect'] as const;
export type EmbeddedFunction = (typeof EMBEDDED_FUNCTIONS)[number];
