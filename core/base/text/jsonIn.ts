import { orElse } from '../errors.ts';

export const jsonIn = (text: string): unknown => orElse(undefined, () => JSON.parse(text));
