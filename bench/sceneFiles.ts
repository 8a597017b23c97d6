import { closeSync, openSync, writeSync } from 'node:fs';
import { sfc32 } from '../replay/sfc32.ts';
import { blankFrames, frames, named } from '../test/scenes.ts';

/** The bundled shard's records with something on them: what is measured classifies each chip that it is given. */
export const FRAMES = frames.filter((frame) => !blankFrames.includes(frame));

/** Written at once. */
const BLOCK_BYTES = 8 << 20;

const FEW = 8;

/**
 * Writes a scene file of real records, repeated in an order that `seed` makes, so that no two files have the same bytes;
 * answers how many bytes it has.
 */
export function writeSceneFile(path: string, chips: number, seed: number): number {
  const random = sfc32(seed, chips, 81);
  const file = openSync(path, 'w');
  let block: Buffer[] = [];
  let waiting = 0;
  let bytes = 0;
  const flush = () => {
    if (block.length > 0) writeSync(file, Buffer.concat(block));
    bytes += waiting;
    [block, waiting] = [[], 0];
  };
  try {
    for (let chip = 0; chip < chips; chip += 1) {
      const drawn = FRAMES[Math.floor(random() * FRAMES.length)]!;
      // So few chips may come twice in the same order: the first one gets a name, which nobody reads.
      const frame = chip === 0 && chips < FEW ? Buffer.from(named(drawn, `file ${seed}`)) : drawn;
      block.push(frame);
      waiting += frame.length;
      if (waiting >= BLOCK_BYTES) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  return bytes;
}
