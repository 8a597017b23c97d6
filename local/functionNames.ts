/** The functions by name, as serverless.yml has them. */
export const FUNCTIONS = ['preprocess', 'infer', 'drift', 'discover', 'settle', 'report'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
