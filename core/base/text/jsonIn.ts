import { orElse } from '../errors.ts';

/** Returns what a text of JSON says; undefined for any other text. */
export const jsonIn = (text: string): unknown => orElse(undefined, () => JSON.parse(text));
