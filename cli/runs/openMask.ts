import { basename } from 'node:path';
import type { OpenMask } from '../../core/doors/truth/maskReader.ts';
import { openPlainFile, rangesOfFile } from '../../local/buckets/plainFile.ts';

/** Opens a mask on this machine for random access. */
export async function openMask(path: string): Promise<OpenMask> {
  const file = await openPlainFile(path);
  const { size } = await file.stat();
  return { key: basename(path), size, range: rangesOfFile(file, size), close: () => file.close() };
}
