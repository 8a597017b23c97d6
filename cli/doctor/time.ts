/** Time as a canary needs it; `wait` rejects when somebody interrupts. */
export type Time = { clock: () => number; wait: (milliseconds: number) => Promise<void> };
