/** Serialises calls of a function: a call that comes while another is in progress waits for its turn. */
export function oneAtATime<Args extends unknown[], Result>(
  work: (...args: Args) => Promise<Result> | Result,
): (...args: Args) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const result = last.then(() => work(...args));
    last = result.catch(() => {}); // thrown to its own caller
    return result;
  };
}
