import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

const NOT_YET = { data: null, problem: null, isOld: false };
/** What every page shows on top; app.tsx keeps it up to date. */
export const StatusContext = createContext(NOT_YET);
/** Null until it is there. */
export function useStatus() {
  return useContext(StatusContext).data;
}
