import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { ask } from './ask.ts';
import { follow } from './follow.ts';
/** Filled in once, by main.tsx. */
export const LiveContext = createContext({ onChange: () => () => {}, onConnection: () => () => {} });
/** What the server answers to a path, kept up to date; and a way to ask again. */
export function useAnswer(path, about) {
  const live = useContext(LiveContext);
  const following = useRef(null);
  const [answer, setAnswer] = useState({ data: null, problem: null, isOld: false });
  const topics = about.join();
  useEffect(() => {
    setAnswer((last) => ({ ...last, isOld: last.data !== null }));
    following.current = follow({
      read: (signal) => ask(path, { signal }),
      about: topics.split(','),
      live,
      tell: (told) =>
        setAnswer((last) =>
          'data' in told ? { data: told.data, problem: null, isOld: false } : { ...last, problem: told.problem },
        ),
    });
    return following.current.stop;
  }, [path, topics, live]);
  return [answer, useCallback(() => following.current?.again(), [])];
}
/** Asks again every so often while something is on its way that no event tells of: a file's progress. */
export function useRepeat(again, isOn, milliseconds = 2000) {
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => document.hidden || again(), milliseconds);
    return () => clearInterval(timer);
  }, [again, isOn, milliseconds]);
}
