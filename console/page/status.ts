import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Status } from '../api.ts';
import { type Answer, NOT_YET } from './follow.ts';

/** What every page shows on top; app.tsx keeps it up to date. */
export const StatusContext = createContext<Answer<Status> & { again: () => void }>({ ...NOT_YET, again: () => {} });

/** Null until it is there. */
export function useStatus(): Status | null {
  return useContext(StatusContext).data;
}

/** Asks again for it: the page itself has changed what it says. */
export function useStatusAgain(): () => void {
  return useContext(StatusContext).again;
}

/** The alarms that ask for something. */
export function redAlarms(status: Pick<Status, 'alarms'> | null): Status['alarms'] {
  return status?.alarms.filter(({ state }) => state === 'ALARM') ?? [];
}
