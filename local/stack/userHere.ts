import { userInfo } from 'node:os';

/** The name of the user whose process this is; null where the system knows none, as in a container. */
export function userHere(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
