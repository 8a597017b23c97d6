/**
 * Ctrl-C, or a termination, in the middle of something: what is open is closed, a sentence says how to go on, and the
 * exit code is 130. `over` is to be called when there is nothing to interrupt any more.
 */
export function onInterrupt(close: () => Promise<void>, sentence: string) {
  let isStopping = false;
  const stop = () => {
    if (isStopping) return; // a terminal and a parent process may both send the signal
    isStopping = true;
    void close().then(() => {
      console.error(`swath: ${sentence}`);
      process.exit(130);
    });
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    isStopping: () => isStopping,
    /** Errors of what is being closed are nobody's concern: the process is about to end. */
    never: () => new Promise<never>(() => {}),
    over: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
