import { userInfo } from 'node:os';
import { orElse } from '../../core/base/errors.ts';

/** The name of the user whose process this is; null where the system knows none, as in a container. */
export const userHere = (): string | null => orElse(null, () => userInfo().username);
