import * as z from 'zod';
import { jsonIn } from '../../core/base/errors.ts';
import { sceneRefSchema } from '../../core/base/messages.ts';

/** What a file of the inbox is known to be: the SHA-256 of its content, as long as its fingerprint stays. */
export type Version = { sha256: string; fingerprint: string };

/** The digest becomes a file's name, so nothing else may stand there. */
const lineSchema = z.tuple([
  sceneRefSchema.shape.key,
  z.string().regex(/^[0-9a-f]{64}$/),
  z.string().regex(/^\d+--?\d+-\d+-\d+$/),
]);

/** Reads the inbox's file of versions: of a key, the last line counts. What says nothing is left out: its file is read again. */
export function parseVersions(text: string): Map<string, Version> {
  const known = new Map<string, Version>();
  for (const line of text.split('\n')) {
    if (!line.startsWith('[') || !line.endsWith(']')) continue; // an error a line would cost a hundred times the line
    const { success, data } = lineSchema.safeParse(jsonIn(line));
    if (success) known.set(data[0], { sha256: data[1], fingerprint: data[2] });
  }
  return known;
}

export const sizeOf = ({ fingerprint }: Version): number => Number.parseInt(fingerprint, 10);
