import assert from 'node:assert/strict';
import { InvalidSceneFile } from '../../core/base/errors.ts';
import { SCENE_LIMITS, type SceneLimits } from '../../core/base/limits.ts';
import type { Chip, ModelPackage, Place } from '../../core/package/package.ts';
import { type Format, HEAD_BYTES, type SceneStream } from '../../core/scenes/formats/format.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';

type Options = {
  key?: string;
  /** Of a chunk, in bytes. */
  size?: number;
  /** Of the file, as it is said to be. */
  said?: number;
};

/**
 * For tests: a file in chunks, which are written over as soon as the next is asked for, as a source's may be; and what
 * becomes of it.
 */
export function streamOf(file: Uint8Array, { key = 'a', size = 1000, said = file.length }: Options = {}) {
  const seen = { requests: [] as [offset: number, length: number][], streamed: 0, closed: false };
  const chunks = async function* () {
    const buffer = Buffer.alloc(size); // whose slice() does not copy
    try {
      for (let at = 0; at < file.length; at += size) {
        const piece = file.subarray(at, at + size);
        buffer.fill(0xff).set(piece);
        seen.streamed += piece.length;
        yield buffer.subarray(0, piece.length);
      }
    } finally {
      seen.closed = true;
    }
  };
  const range = (offset: number, length: number) => {
    seen.requests.push([offset, length]);
    return rangesIn(file)(offset, length);
  };
  return { scene: { key, size: said, chunks: chunks(), range }, seen };
}

type ReadOptions = Options & { limits?: Partial<SceneLimits> } & Partial<
    Pick<SceneStream, 'sibling' | 'tell' | 'asset'>
  >;

/** The chips of a file, as they are when all of it has been read; and what was asked for besides. */
export async function readScene(
  format: Pick<Format, 'makeReader'>,
  file: Uint8Array,
  model: ModelPackage,
  { key, size, said, limits, ...more }: ReadOptions = {},
) {
  const { scene, seen } = streamOf(file, { ...(key && { key }), ...(size && { size }), ...(said && { said }) });
  const chips: Chip[] = [];
  const reader = format.makeReader(model, { ...SCENE_LIMITS, ...limits });
  for await (const some of reader({ ...scene, ...more }))
    for (const chip of some) chips.push({ ...chip, planes: chip.planes.map((plane) => plane.slice()) });
  return { chips, ...seen };
}

/** Reads a chip again, of a file of which so many bytes are there. */
export function readAgain(
  format: Pick<Format, 'readChip'>,
  file: Uint8Array,
  place: number | Place,
  model: ModelPackage,
  { key = 'a', there = file.length } = {},
): Promise<Chip> {
  const range = (offset: number, length: number) => rangesIn(file.subarray(0, there))(offset, length);
  const scene = { key, size: file.length, head: file.subarray(0, HEAD_BYTES), range };
  return format.readChip(scene, typeof place === 'number' ? { index: place, kind: 'index' } : place, model);
}

/** A file is refused in bounded time, for a reason that says all of this. */
export async function isRefused(reading: () => unknown, ...says: readonly (string | RegExp)[]): Promise<void> {
  const before = process.threadCpuUsage();
  await assert.rejects(
    async () => reading(),
    (error: Error) => {
      assert.ok(error instanceof InvalidSceneFile, String(error.stack));
      for (const one of says)
        assert.ok(
          typeof one === 'string' ? error.message.includes(one) : one.test(error.message),
          `${error.message} does not say ${one}`,
        );
      return true;
    },
  );
  assert.ok(process.threadCpuUsage(before).user < 2e6);
}
