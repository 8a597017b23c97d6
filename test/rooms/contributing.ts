import { readFileSync, writeFileSync } from 'node:fs';
import { drawRooms, importsBetweenRooms, listRooms } from './rooms.ts';

export const CONTRIBUTING = new URL('../../CONTRIBUTING.md', import.meta.url);

/** Returns CONTRIBUTING.md with the rooms of core as they are, between its two marks. */
export function withRooms(text: string): string {
  const drawn = `<!-- rooms -->\n${listRooms()}\n\n${drawRooms(importsBetweenRooms())}\n<!-- /rooms -->`;
  return text.replace(/<!-- rooms -->[\s\S]*<!-- \/rooms -->/, () => drawn);
}

/** `npm run docs` writes it. */
if (import.meta.main) writeFileSync(CONTRIBUTING, withRooms(readFileSync(CONTRIBUTING, 'utf8')));
