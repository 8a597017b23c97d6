import { orElse } from '../errors.ts';

/** Returns what `encodeURIComponent` has encoded; undefined for a text that it cannot have made. */
export const urlDecoded = (text: string): string | undefined => orElse(undefined, () => decodeURIComponent(text));
