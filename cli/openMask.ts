import { basename } from 'node:path';
import type { OpenMask } from '../core/truth/maskReader.ts';
import { openPlainFile } from '../local/plainFile.ts';

/** Opens a mask on this machine for random access. */
export async function openMask(path: string): Promise<OpenMask> {
  const file = await openPlainFile(path);
  const { size } = await file.stat();
  return {
    ...{ key: basename(path), size },
    range: async (offset, length) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      return bytes.subarray(0, (await file.read(bytes, 0, bytes.length, offset)).bytesRead);
    },
    close: () => file.close(),
  };
}
