import { setTimeout } from 'node:timers/promises';
import { endProgress } from './output.ts';

/** Until disposed of, on Ctrl-C or termination closes what is open, prints how to continue, and exits with 130. */
export function onInterrupt(close: () => Promise<void>, sentence: string) {
  const interrupt = stopOnInterrupt(() => {
    endProgress();
    void close().then(() => {
      console.error(`swath: ${sentence}`);
      process.exit(130);
    });
  });
  return {
    ...interrupt,
    /** Errors while closing do not matter: the process is about to end. */
    never: () => new Promise<never>(() => {}),
    /** A second signal while stopping changes nothing. */
    [Symbol.dispose]: () => {
      if (!interrupt.stopped.aborted) interrupt[Symbol.dispose]();
    },
  };
}

/** Handles Ctrl-C, termination and the end of the terminal for work that ends once `stopped` aborts. A second signal (npx forwards one) changes nothing. */
export function stopOnInterrupt(onStop?: () => void) {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    onStop?.();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  return {
    stopped: stopping.signal,
    /** Resolves after this many milliseconds, or rejects as soon as it is stopped. */
    wait: (milliseconds: number): Promise<void> => setTimeout(milliseconds, undefined, { signal: stopping.signal }),
    [Symbol.dispose]: () => void process.off('SIGINT', stop).off('SIGTERM', stop).off('SIGHUP', stop),
  };
}
