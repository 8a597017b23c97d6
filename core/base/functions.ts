/** The functions that the state machine calls: each has a folder in `functions/` and an entry in serverless.yml. */
const STEPS = ['preprocess', 'preprocessCubes', 'infer', 'mosaic', 'drift', 'discover', 'settle', 'report'] as const;
export const PIPELINE_FUNCTIONS = STEPS;
export type PipelineFunction = (typeof PIPELINE_FUNCTIONS)[number];

/** The functions of every stage: those, and the ones that the dashboard calls. */
export const STAGE_FUNCTIONS = [...PIPELINE_FUNCTIONS, 'ledgerWidget', 'retry'] as const;
export type StageFunction = (typeof STAGE_FUNCTIONS)[number];

/**
 * All functions: those, and those that a parameter asks for: `webhook` if alarmWebhook is set, `watch` if modelWatch is, `feeds` if feedSchedule is, `warehouse` if redshift is,
 * `collect` if arrivalsWindowSeconds is above 0 or requests, api or serverRoles is set, `predict` and `catalogue` if api is true.
 */
const ASKED_FOR = ['webhook', 'collect', 'predict', 'catalogue', 'watch', 'feeds', 'warehouse'] as const;
export const FUNCTIONS = [...STAGE_FUNCTIONS, ...ASKED_FOR] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The functions that run on a laptop: those of the state machine, and the one that gathers arrivals. */
export const EMBEDDED_FUNCTIONS = [...PIPELINE_FUNCTIONS, 'collect'] as const;
export type EmbeddedFunction = (typeof EMBEDDED_FUNCTIONS)[number];
