import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Status } from '../api.ts';

/** What every page shows on top, once it is there; app.tsx keeps it up to date. */
export const StatusContext = createContext<Status | null>(null);

export function useStatus(): Status | null {
  return useContext(StatusContext);
}
