import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder and those above it that are missing. Node's recursive `mkdir` never ends in `/proc`, which has no room for one. */
export function makeFolder(path: string, mode?: number): void {
  const isFolder = () => statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder()) return;
  makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolder()) throw error; // else another process was faster
  }
}
