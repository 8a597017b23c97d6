import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Status } from '../api.ts';
import type { Answer } from './follow.ts';

const NOT_YET: Answer<Status> = { data: null, problem: null, isOld: false };

/** What every page shows on top; app.tsx keeps it up to date. */
export const StatusContext = createContext(NOT_YET);

/** Null until it is there. */
export function useStatus(): Status | null {
  return useContext(StatusContext).data;
}
