import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scratch } from '../core/results/maps/cog/cogSpec.ts';

/** Stores compressed tiles in a temporary file, which disappears with the process, however that ends. */
export async function makeScratchFile(folder = tmpdir()): Promise<Scratch & AsyncDisposable> {
  const path = join(folder, `swath-${randomUUID()}.tiles`);
  const file = await open(path, 'wx+');
  await rm(path).catch(() => {}); // Windows cannot delete an open file
  let size = 0;
  return {
    append: async (bytes) => {
      const offset = size;
      await file.appendFile(bytes);
      size += bytes.length;
      return offset;
    },
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let have = 0;
      while (have < length) {
        const { bytesRead } = await file.read(bytes, have, length - have, offset + have);
        if (bytesRead === 0) throw new Error(`The temporary file ${path} was cut short.`);
        have += bytesRead;
      }
      return bytes;
    },
    [Symbol.asyncDispose]: async () => {
      await file.close();
      await rm(path, { force: true });
    },
  };
}
