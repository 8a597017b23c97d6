/** The verdict on a window, gravest first: more drift than allowed; none; or too few predictions to rule out chance. */
export const VERDICTS = ['drift', 'no drift', 'not enough data'] as const;
export type Verdict = (typeof VERDICTS)[number];
