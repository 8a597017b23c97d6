import { readFileSync } from 'node:fs';
import { encode } from 'fast-png';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { makeReadChips } from '../../core/scenes/readChips.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { bodiesOf } from './bodies.ts';
import type { Kind } from './client.ts';

const SAMPLE = new URL('../../samples/digits/t10k-first-500.npz', import.meta.url);
const MODEL = new URL('../../models/digits/1.0.0/', import.meta.url);
const SIDE = 28;

/** Requests of so many of the sample's digits each: as few as have all of them once. */
export async function digitBodies(inputs: number, kind: Kind): Promise<Buffer[]> {
  const model = await readModelPackage(async (name) => readFileSync(new URL(name, MODEL)));
  const bytes = new Uint8Array(readFileSync(SAMPLE));
  const chunks = (async function* () {
    yield bytes;
  })();
  const [{ name: band = '' } = {}] = model.source.bands;
  const digits: object[] = [];
  await makeReadChips(model, SCENE_LIMITS)(
    { key: 'digits', size: bytes.length, chunks, range: rangesIn(bytes) },
    (chip) => {
      digits.push(inputOf(kind, band, Uint8Array.from(chip.planes[0]!)));
      return undefined;
    },
  );
  return bodiesOf(digits, inputs);
}

function inputOf(kind: Kind, band: string, pixels: Uint8Array): object {
  const base64 = (content: Uint8Array) => Buffer.from(content).toString('base64');
  if (kind === 'bands') return { bands: { [band]: base64(pixels) } };
  if (kind === 'images') return { image: base64(encode({ data: pixels, width: SIDE, height: SIDE, channels: 1 })) };
  return { values: Array.from({ length: SIDE }, (_, row) => [...pixels.subarray(row * SIDE, (row + 1) * SIDE)]) };
}
