import type { Engine } from '../core/doors/online/engine.ts';

/** Makes background engines wait until no foreground engine runs, so that they do not slow down requests. */
export function makeIdle() {
  let running = 0;
  let idle = Promise.withResolvers<void>();

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
            // Whoever has waited for that engine has it first: its next batch begins before this turn is over.
            setImmediate(idle.resolve);
            idle = Promise.withResolvers();
          }
        }
      },
    };
  }

  /** An engine whose batches begin while none of those runs. */
  const last = (engine: Engine): Engine => ({
    ...engine,
    run: async (batch) => {
      while (running > 0) await idle.promise;
      return engine.run(batch);
    },
  });

  return { first, last };
}
