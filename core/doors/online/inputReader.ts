import { hash } from 'node:crypto';
import { InvalidSceneFile, onError } from '../../base/errors.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { type InlineInput, idOf, parseOnlineInput } from '../requests/input.ts';
import { decodeBase64, makeReadInput } from '../requests/inputChip.ts';
import { parseJson, SMALL_BYTES } from './bodyInputs.ts';

export type InputJob = Named & ({ readonly json: Uint8Array } | ImageJob);
type Named = { readonly where: string; readonly index: number };
type ImageJob = Named & { readonly image: Uint8Array; readonly id: string | null; readonly member: string };

export type InputRead = {
  readonly id: string | null;
  /** The SHA-256 of an image's file that came in the request; null for other inputs. */
  readonly digest: string | null;
  readonly chip: Chip | InvalidSceneFile;
};

/** Reads inputs on another thread. A job's bytes may be gone afterwards. */
export type ReadApart = (job: InputJob, assertWanted: () => void) => Promise<InputRead>;

/** What a PNG begins with, and the name of its first chunk. */
const [PNG, IHDR] = [0x89504e47, 0x49484452];
/** Pixels that are decoded at once, as they take a millisecond or so. */
const SMALL_PIXELS = 256 * 256;

/** Throws `Problem` from the returned function, where the body is not JSON. */
export function makeInputReader(model: ModelPackage, maxImageBytes: number) {
  const readInput = makeReadInput(model, maxImageBytes);

  async function ofImage({ id, image, where, index, member }: ImageJob): Promise<InputRead> {
    const digest = member === 'image' ? hash('sha256', image) : null;
    const chip = await readInput({ id, kind: 'image', image }, where, index, member).catch(asInvalid);
    return { id, digest, chip };
  }

  return async (job: InputJob): Promise<InputRead> => {
    const { where, index } = job;
    if ('image' in job) return ofImage(job);
    const json = parsedPart(job.json, where);
    const id = idOf(json);
    try {
      const input = parseOnlineInput(json, where);
      if (input.kind === 's3' || input.kind === 'url')
        throw new InvalidSceneFile(
          `${where}: found ${job.json.length} bytes, allowed are at most ${SMALL_BYTES} for an input with ${input.kind}`,
        );
      if (input.kind === 'image')
        return await ofImage({ id, where, index, image: imageIn(input, where), member: 'image' });
      return { id, digest: null, chip: await readInput(input, where, index) };
    } catch (error) {
      return { id, digest: null, chip: asInvalid(error) };
    }
  };
}

export const parsedPart = (bytes: Uint8Array, where: string): unknown =>
  parseJson(bytes, 'a JSON object with inputs', `The body's ${where}`);

/** Returns the file of an image. Throws `InvalidSceneFile` where it is not base64. */
export const imageIn = ({ image }: Extract<InlineInput, { kind: 'image' }>, where: string): Uint8Array =>
  typeof image === 'string' ? decodeBase64(image, `${where}.image`) : image;

/** An input's error is a value, so that the others are still predicted. */
export const asInvalid = onError(InvalidSceneFile, (error) => error);

/** Whether an image is decoded in no time: a PNG whose header says that it is small. Of others, only decoding them tells. */
export function isSmallImage(bytes: Uint8Array): boolean {
  if (bytes.length > SMALL_BYTES || bytes.length < 24) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== PNG || view.getUint32(12) !== IHDR) return false;
  return view.getUint32(16) * view.getUint32(20) <= SMALL_PIXELS;
}
