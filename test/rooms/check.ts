import { importsBetweenRooms, wrongImports } from './rooms.ts';

/** A part of `npm run check`: fails if a room of core imports one that does not stand before it. */

const wrong = wrongImports(importsBetweenRooms());
for (const sentence of wrong) console.error(sentence);
process.exitCode = wrong.length > 0 ? 1 : 0;
