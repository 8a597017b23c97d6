import type { Kind } from '../api.ts';
import type { Live } from './live.ts';

/** What a page knows of what it asked for. What was shown stays shown while it is asked for again, or when that fails. */
export type Answer<T> = {
  data: T | null;
  problem: string | null;
  /** Whether `data` answers another question than the one that was asked last. */
  isOld: boolean;
};

export const NOT_YET: Answer<never> = { data: null, problem: null, isOld: false };

type Asking<T> = {
  read: (signal: AbortSignal) => Promise<string>;
  about: readonly Kind[];
  live: Live;
  tell: (answer: { data: T } | { problem: string }) => void;
};

export type Following = { again: () => void; stop: () => void };

/** Asks, and again whenever a topic has changed, one question at a time. An answer like the last one is not told again. */
export function follow<T>({ read, about, live, tell }: Asking<T>): Following {
  const stopped = new AbortController();
  let isAsking = false;
  let isOutdated = false;
  let told: string | undefined;

  const again = async () => {
    isOutdated = true;
    if (isAsking) return;
    isAsking = true;
    while (isOutdated && !stopped.signal.aborted) {
      isOutdated = false;
      const answer = await read(stopped.signal).then(
        (text) => ({ text }),
        (error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }),
      );
      if (stopped.signal.aborted) return;
      const key = JSON.stringify(answer);
      if (key !== told) tell('text' in answer ? { data: JSON.parse(answer.text) as T } : answer);
      told = key;
    }
    isAsking = false;
  };
  const unsubscribe = live((what) => {
    if (what.some((topic) => about.includes(topic))) void again();
  });
  void again();

  return {
    again: () => void again(),
    stop: () => {
      unsubscribe();
      stopped.abort();
    },
  };
}
