import { createHash } from 'node:crypto';
import { inOrder } from '../core/base/concurrency/inOrder.ts';
import { InvalidSceneFile, ObjectNotFound } from '../core/base/errors.ts';
import type { Chip, ModelPackage } from '../core/package/package.ts';
import type { PredictedChip } from '../core/results/predictions.ts';
import type { ChipAt } from '../core/scenes/chipAt.ts';
import { pictureType } from '../core/scenes/textPicture.ts';
import { makeThumbnail } from '../core/scenes/thumbnail.ts';
import type { Shown } from '../core/tasks/shown.ts';
import { shownOf } from '../core/tasks/shownRegistry.ts';

export type PicturedChip = Pick<PredictedChip, 'id' | 'run' | 'index' | 'text' | 'probability'> &
  ReturnType<Shown['told']> & {
    file: string;
    /** An image as a data: address; null where it could not be made. */
    image: string | null;
    /** Why there is none. */
    problem: string | null;
    alike: number;
  };

/** What a report shows: three rows of six on a printed page. */
export const PICTURES = 18;
/** Chips looked at for them: files may repeat each other's chips, and the same picture is shown once. */
export const CANDIDATES = 6 * PICTURES;
/** In pixels. At 18 pictures of the noisiest kind, their data: addresses take two thirds of a megabyte. */
const LONGEST_SIDE = 96;
/** A chip may take 64 MiB, and an archive is read whole for each of its chips. */
const AT_ONCE = 4;

/** Pictures of chips in their order, at most `PICTURES`, each read from its scene file; `sizes` has the bytes of each run's. */
export async function picture(
  chipAt: ChipAt,
  sizes: ReadonlyMap<string, number>,
  model: ModelPackage,
  chips: readonly PredictedChip[],
): Promise<PicturedChip[]> {
  const draw = makeThumbnail(model, LONGEST_SIDE);
  const { told } = shownOf(model);
  const byContent = new Map<string, PicturedChip>();
  const shown: PicturedChip[] = [];
  for await (const { predicted, content, image, problem } of inOrder(chips, AT_ONCE, read)) {
    const same = content === null ? undefined : byContent.get(content);
    if (same !== undefined) same.alike += 1;
    else if (shown.length < PICTURES) {
      const { id, run, index, text, probability, scene } = predicted;
      const known = { id, run, index, text, probability, file: scene.key, ...told(predicted, model) };
      const one = { ...known, alike: 1, image, problem };
      shown.push(one);
      if (content !== null) byContent.set(content, one);
    }
  }
  return shown;

  /** Returns no chip, so that those which wait for their turn hold none. */
  async function read(predicted: PredictedChip) {
    const { scene, run } = predicted;
    try {
      const chip = await chipAt({ ...scene, size: sizes.get(run) ?? 0 }, predicted, model);
      const content = contentOf(chip);
      const isShown = shown.length < PICTURES && !byContent.has(content);
      const image = isShown ? dataUrlOf(draw(chip)) : null;
      return { predicted, content, image, problem: null };
    } catch (error) {
      // The file is gone, or another one lies in its place: the report shows the chip without its picture.
      if (!(error instanceof ObjectNotFound || error instanceof InvalidSceneFile)) throw error;
      return { predicted, content: null, image: null, problem: error.message };
    }
  }
}

const dataUrlOf = (picture: Uint8Array): string =>
  `data:${pictureType(picture)};base64,${Buffer.from(picture).toString('base64')}`;

function contentOf({ planes }: Chip): string {
  const hash = createHash('sha256');
  for (const plane of planes) hash.update(plane);
  return hash.digest('base64');
}
