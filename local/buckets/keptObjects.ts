import { hash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { ObjectNotFound } from '../../core/base/errors.ts';
import type { OpenScene } from '../../core/base/objectStore.ts';
import { inOneChunk, rangesIn } from '../../core/scenes/rangesIn.ts';
import { type Clock, cameAt } from '../stack/clock.ts';

/** What came by a queue and is stored in the results bucket: small and never overwritten, so it is read synchronously. */
export type Kept = { bytes: Uint8Array; about: Stats };

/** Null if there is no plain file. */
export function readKept(results: string, key: string): Kept | null {
  const path = join(results, ...key.split('/'));
  const about = existsSync(path) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  return about?.isFile() ? { bytes: readFileSync(path), about } : null;
}

/** The version of a stored object is the SHA-256 of its content. */
export const versionOfKept = ({ bytes }: Kept): string => hash('sha256', bytes);

export function openKeptIn(results: string, clock: Pick<Clock, 'toOwn'>): OpenScene {
  return async ({ key, versionId }) => {
    const kept = readKept(results, key);
    if (kept === null) throw new ObjectNotFound(`${key} is not kept any more.`);
    const { bytes, about } = kept;
    return {
      size: bytes.length,
      lastModified: cameAt(about.ctime, clock),
      chunks: inOneChunk(bytes),
      range: rangesIn(bytes),
      close: () => {},
      hasChanged: async (digest = hash('sha256', bytes)) => digest !== versionId,
    };
  };
}
