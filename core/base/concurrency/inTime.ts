/** Returns the result of work, or that of `late` if the work takes longer; what becomes of the work then is ignored. */
export function inTime<Made>(work: Promise<Made>, seconds: number, late: () => Made | Promise<Made>): Promise<Made> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, seconds * 1000);
  return Promise.race([work, over.promise.then(late)]).finally(() => clearTimeout(timer));
}
