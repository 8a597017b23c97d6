import type { Engine } from '../core/online/engine.ts';

/** Has some engines wait until no other of them runs: what nobody waits for takes no time from what somebody does. */
export function makeIdle() {
  let running = 0;
  let waiting: (() => void)[] = [];

  /** An engine for which others wait. */
  function first(engine: Engine): Engine {
    return {
      ...engine,
      run: async (batch) => {
        running += 1;
        try {
          return await engine.run(batch);
        } finally {
          running -= 1;
          if (running === 0) {
            const those = waiting;
            waiting = [];
            // Whoever has waited for that engine has it first: its next batch begins before this turn is over.
            setImmediate(() => {
              for (const go of those) go();
            });
          }
        }
      },
    };
  }

  /** An engine whose batches begin while none of those runs. */
  function last(engine: Engine): Engine {
    return {
      ...engine,
      run: async (batch) => {
        while (running > 0) await new Promise<void>((resolve) => waiting.push(resolve));
        return engine.run(batch);
      },
    };
  }

  return { first, last };
}
