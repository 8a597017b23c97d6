import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Kind, Status } from '../api.ts';
import { ask } from './ask.ts';
import { type Answer, type Following, follow, NOT_YET } from './follow.ts';
import type { Live } from './live.ts';

/** Filled in once, by main.tsx. */
export const LiveContext = createContext<Live>(() => () => {});

export type Asked<T> = Answer<T> & { again: () => void };

/** What the server answers to a path, kept up to date; and a way to ask again. */
export function useAnswer<T>(path: string, about: readonly Kind[]): Asked<T> {
  const live = useContext(LiveContext);
  const following = useRef<Following | null>(null);
  const [answer, setAnswer] = useState<Answer<T>>(NOT_YET);
  const topics = about.join();

  useEffect(() => {
    setAnswer((last) => ({ ...last, isOld: last.data !== null }));
    following.current = follow<T>({
      read: (signal) => ask(path, { signal }),
      about: topics.split(',') as Kind[],
      live,
      tell: (told) =>
        setAnswer((last) => ('data' in told ? { ...NOT_YET, data: told.data } : { ...last, problem: told.problem })),
    });
    return following.current.stop;
  }, [path, topics, live]);

  return { ...answer, again: useCallback(() => following.current?.again(), []) };
}

/** Asks again every so often while something is on its way that no event tells of: a file's progress. */
export function useRepeat(again: () => void, isOn: boolean, milliseconds = 2000): void {
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => document.hidden || again(), milliseconds);
    return () => clearInterval(timer);
  }, [again, isOn, milliseconds]);
}

/** What every page shows on top; app.tsx keeps it up to date. */
export const StatusContext = createContext<Asked<Status>>({ ...NOT_YET, again: () => {} });

/** Null until it is there. */
export const useStatus = (): Status | null => useContext(StatusContext).data;

export const redAlarms = (status: Pick<Status, 'alarms'> | null): Status['alarms'] =>
  status?.alarms.filter(({ state }) => state === 'ALARM') ?? [];
