import { setTimeout } from 'node:timers/promises';

/**
 * Ctrl-C, or a termination, in the middle of something: what is open is closed, a sentence says how to go on, and the
 * exit code is 130. Disposed of, it interrupts nothing any more.
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
    /** A second signal is still for nothing while it stops. */
    [Symbol.dispose]: () => {
      if (!isStopping) process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}

/**
 * Ctrl-C, or a termination, where what is under way comes to an end of its own: `stopped` tells it to. A second signal
 * changes nothing, because npx passes on the one that the terminal has sent as well.
 */
export function stopOnInterrupt(onStop?: () => void) {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    onStop?.();
    stopping.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    stopped: stopping.signal,
    /** Resolves after so many milliseconds, or rejects as soon as it is stopped. */
    wait: (milliseconds: number): Promise<void> => setTimeout(milliseconds, undefined, { signal: stopping.signal }),
    [Symbol.dispose]: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
}
