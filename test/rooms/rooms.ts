import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rooms of core in order: each imports only rooms that stand before it. */
export const ROOMS: Readonly<Record<string, string>> = {
  base: 'messages, errors, keys, limits, time, text, concurrency: small, each a file',
  arrays: 'data types, planes, resampling, expressions, activation: numbers only',
  statistics: 'distances, tests, intervals, calibration: numbers only',
  package: 'the model package, and what a chip, a column and a task are',
  measures: 'what is known of chips themselves: blanks, bands',
  scenes: 'scene files: formats, rasters, chips, prepared parts',
  tasks: "what a model's numbers mean: a folder each, and their registry",
  inference: 'runs models: runtimes, what they are fed, what their outputs mean',
  metrics: 'the published metrics',
  ledger: 'runs, claims, owners of contents, batches and days',
  features: 'records by which inputs are named, and where they lie',
  results: 'prediction files and their rows, maps, STAC Items',
  drift: 'windows, days, verdicts',
  tables: 'the SQL tables: their columns, rows as CSV, JSON and Parquet',
  releases: 'what serves: promotion, history, shadow, gate, comparison, watch',
  batches: 'many small files processed as one',
  doors: 'how work comes in: requests, HTTP, notifications, truth that comes later',
  feeds: 'where scenes come from by themselves: STAC APIs, whose Items are put into the inbox',
  parameters: 'the parameters of a deployment, and the settings of its functions',
};

export type RoomImport = { readonly from: string; readonly to: string };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Returns core's imports, also of types, that lead from one room to another. Tests may import anything. */
export function importsBetweenRooms(): RoomImport[] {
  const files = globSync('core/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
  return files.flatMap((from) => {
    const specifiers = readFileSync(`${ROOT}${from}`, 'utf8').matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']+)'/g);
    const all = [...specifiers].map(([, path = '']) => ({ from, to: posix.join(posix.dirname(from), path) }));
    return all.filter(({ to }) => roomOf(to) !== roomOf(from));
  });
}

/** Returns a sentence for each import that does not lead to a room before its own. */
export function wrongImports(imports: readonly RoomImport[]): string[] {
  const order = Object.keys(ROOMS);
  return imports.flatMap(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (!order.includes(room)) return [`${from}: ${room} is no room of core; test/rooms/rooms.ts lists them.`];
    if (order.indexOf(other) >= 0 && order.indexOf(other) < order.indexOf(room)) return [];
    return [`${from} imports ${to}: ${room} comes before ${other}. Move what both need into a room before them.`];
  });
}

/**
 * Draws the rooms as a Mermaid graph. An arrow means "imports"; one that follows from others is left out.
 */
export function drawRooms(imports: readonly RoomImport[]): string {
  const direct = new Map(Object.keys(ROOMS).map((room) => [room, new Set<string>()]));
  for (const { from, to } of imports) direct.get(roomOf(from))!.add(roomOf(to));
  const reached = new Map<string, Set<string>>();
  const lines: string[] = [];
  for (const [room, others] of direct) {
    const beyond = new Set([...others].flatMap((other) => [...reached.get(other)!]));
    reached.set(room, new Set([...others, ...beyond]));
    for (const other of others) if (!beyond.has(other)) lines.push(`  ${room} --> ${other}`);
  }
  return ['```mermaid', 'flowchart BT', ...lines, '```'].join('\n');
}

/** The rooms as a list, in their order. */
export function listRooms(): string {
  const width = Math.max(...Object.keys(ROOMS).map((room) => room.length));
  const lines = Object.entries(ROOMS).map(([room, is]) => `${room.padEnd(width)}  ${is}`);
  return ['```', ...lines, '```'].join('\n');
}

function roomOf(path: string): string {
  return path.split('/')[1]!;
}
