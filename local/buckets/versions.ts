import * as z from 'zod';
import { sceneRefSchema } from '../../core/base/messages.ts';
import { replacedSoon } from '../../core/scenes/formerVersions.ts';

/** What a file of the inbox is known to be: the SHA-256 of its content, as long as its fingerprint stays. */
export type Version = { sha256: string; fingerprint: string };

/** The digest becomes a file's name, so nothing else may stand there. */
const lineSchema = z.tuple([
  sceneRefSchema.shape.key,
  z.string().regex(/^[0-9a-f]{64}$/),
  z.string().regex(/^\d+--?\d+-\d+-\d+$/),
]);

/**
 * Reads the embedded inbox's file of versions, a line each: for each key the newest first, and behind it those that it may
 * be the whole of. A line that says nothing, such as the last one after a power failure, is passed over: that file is read
 * again.
 */
export function parseVersions(text: string): Map<string, Version[]> {
  const known = new Map<string, Version[]>();
  for (const line of text.split('\n')) {
    const { success, data } = lineSchema.safeParse(parsed(line));
    if (success) known.set(data[0], withNewer(known.get(data[0]), { sha256: data[1], fingerprint: data[2] }));
  }
  return known;
}

/** A key's versions once another one lies there: the newest first, then those that were replaced so soon that they may be unfinished copies. */
export function withNewer(versions: readonly Version[] = [], newest: Version): Version[] {
  const [last] = versions;
  const before = last?.sha256 === newest.sha256 ? versions.slice(1) : versions;
  const dated = before.map((version) => ({ ...version, arrived: arrivalOf(version) }));
  const kept = replacedSoon(dated, arrivalOf(newest)).map(({ sha256, fingerprint }) => ({ sha256, fingerprint }));
  return [newest, ...kept];
}

/** When a version came here, by the machine's time: its inode changed then. */
export function arrivalOf({ fingerprint }: Version): Date {
  const [, , , ctime = '0'] = fingerprint.match(/-?\d+/g) ?? [];
  return new Date(Number(BigInt(ctime.replace(/^-/, '')) / 1_000_000n));
}

export const sizeOf = ({ fingerprint }: Version): number => Number.parseInt(fingerprint, 10);

/** What is no list is not even tried: an error a line would cost a hundred times the line. */
function parsed(line: string): unknown {
  if (!line.startsWith('[') || !line.endsWith(']')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
