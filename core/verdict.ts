/** What is said of a window: more drift than allowed; none; or so few predictions that chance alone could say either. */
export const VERDICTS = ['drift', 'no drift', 'not enough data'] as const;
export type Verdict = (typeof VERDICTS)[number];
