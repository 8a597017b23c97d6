import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { minute } from '../../../charts/format.ts';
import type { Kind, Status } from '../../api.ts';
import { ask } from '../ask.ts';
import { type Answer, type Following, follow, NOT_YET } from '../follow.ts';
import type { Live } from '../live.ts';
import { outsideText } from '../outsideText.ts';
import { hrefOf } from '../route.ts';

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

type Shown<T> = {
  /** As in "Reading {what}…". */
  what: string;
  children: (data: T) => ComponentChildren;
};

/** What was asked for, or in words why it is not (yet) there. If asking again fails, that stays, below the failure. */
export function Answered<T>({ answer, what, children }: Shown<T> & { answer: Asked<T> }) {
  const { data, problem, isOld, again } = answer;
  return (
    <>
      {problem !== null && (
        <div class="notice bad" role="alert">
          <p>
            Reading {what} has failed: {outsideText(problem)}
          </p>
          <button type="button" onClick={again}>
            Ask again
          </button>
        </div>
      )}
      {data === null && problem === null && <Waiting what={what} />}
      {data !== null && (
        <div class={isOld ? 'old' : undefined} aria-busy={isOld}>
          {children(data)}
        </div>
      )}
    </>
  );
}

export const Waiting = ({ what }: { what: string }) => (
  <p class="waiting quiet" role="status">
    Reading {what}…
  </p>
);

/** The same of what nothing else on the page needs. */
export function Asking<T>({ path, about, ...shown }: Shown<T> & { path: string; about: readonly Kind[] }) {
  return <Answered answer={useAnswer<T>(path, about)} {...shown} />;
}

/** Whether nothing is shown but why. Another period may have an answer, so its choice must be there. */
export const isRefused = ({ data, problem }: Answer<unknown>): boolean => data === null && problem !== null;

/** That there is nothing, and what would make something appear. */
export const Nothing = ({ children }: { children: ComponentChildren }) => <p class="quiet">{children}</p>;

export { outsideLines, outsideText } from '../outsideText.ts';

/** Text that came from outside, kept to itself whatever the direction of its letters. */
export const outside = (text: string) => <bdi class="outside">{outsideText(text)}</bdi>;

export const noted = (value: string, note?: string) => (
  <>
    {value} {note !== undefined && <small class="quiet">{outsideText(note)}</small>}
  </>
);

/** Sentences that came from outside, such as a gate's refusals. */
export const Sentences = ({ of }: { of: readonly string[] }) => (
  <ul>
    {of.map((one) => (
      <li key={one}>{outsideText(one)}</li>
    ))}
  </ul>
);

/** A point in time, in UTC. */
export const when = (time: string) => (
  <time class="when" dateTime={time} title={`${time.slice(0, 19).replace('T', ' ')} UTC`}>
    {minute(time)}
  </time>
);

export function RunLink({ run: { run, file } }: { run: { run: string; file: string } }) {
  return <a href={hrefOf('runs', { id: run })}>{outside(file)}</a>;
}
