/**
 * What a run's time went into. The steps follow one another, but the whole is longer than their sum: between them the
 * state machine is at work, and a step that failed has no time of its own.
 */
export function stepTimes({ milliseconds, error }) {
  if (milliseconds === undefined) return [];
  const steps = ['preprocess', 'infer', 'drift'].flatMap((step) => {
    const took = milliseconds[step];
    return took === undefined ? [] : [{ step, milliseconds: took, isBetween: false }];
  });
  const between = (milliseconds.total ?? 0) - steps.reduce((sum, step) => sum + step.milliseconds, 0);
  return between < 1
    ? steps
    : [
        ...steps,
        { step: error === undefined ? 'in between' : 'until it failed', milliseconds: between, isBetween: true },
      ];
}
