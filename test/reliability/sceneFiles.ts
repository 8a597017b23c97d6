import { createHash } from 'node:crypto';
import type { Random } from '../../replay/sfc32.ts';
import { blankFrames, frames, named } from '../scenes.ts';

/** What is to become of a file, by what is in it. */
export type Kind = 'chips' | 'blank' | 'invalid';

/** A scene file cut from the bundled one: its bytes, and for each of its records the place of that chip in the shard. */
export type SceneFile = { bytes: Buffer; sha256: string; kind: Kind; chips: number[] };

const ANY_BUT_BLANK = [...frames.keys()].filter((i) => !blankFrames.includes(frames[i]!));
const BLANK = [...frames.keys()].filter((i) => blankFrames.includes(frames[i]!));

/** A file of `count` chips of the shard, in an order that `random` makes; its name makes it like no other. */
export function fileOfChips(name: string, count: number, random: Random): SceneFile {
  const chips = Array.from({ length: count }, () => Math.floor(random() * frames.length));
  chips[0] = ANY_BUT_BLANK[Math.floor(random() * ANY_BUT_BLANK.length)]!; // or it could be a blank file by chance
  return sceneFile(name, 'chips', chips);
}

/** A file with nothing on any of its chips. */
export function blankFile(name: string, count: number): SceneFile {
  const chips = Array.from({ length: count }, (_, i) => BLANK[i % BLANK.length]!);
  return sceneFile(name, 'blank', chips);
}

/** A file that can never work: cut short, a byte changed, or no TFRecord at all. */
export function invalidFile(name: string, random: Random): SceneFile {
  const { bytes } = fileOfChips(name, 2, random);
  const ways = [
    () => bytes.subarray(0, bytes.length - 1 - Math.floor(random() * 1000)),
    () => Buffer.from(bytes.with(20 + Math.floor(random() * 1000), 0x5a ^ bytes[20]!)),
    () => Buffer.from(`This is no scene file, but a note by the name of ${name}.\n`.repeat(20)),
  ];
  const broken = ways[Math.floor(random() * ways.length)]!();
  return { bytes: broken, sha256: sha256(broken), kind: 'invalid', chips: [] };
}

function sceneFile(name: string, kind: Kind, chips: number[]): SceneFile {
  const [first, ...others] = chips.map((i) => frames[i]!);
  const bytes = Buffer.concat([named(first!, name), ...others]);
  return { bytes, sha256: sha256(bytes), kind, chips };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
