import { InvalidSceneFile, ObjectNotFound } from '../../core/base/errors.ts';
import { HEAD_BYTES } from '../../core/scenes/formats/format.ts';
import { makeScenePicture, NoScenePicture } from '../../core/scenes/scenePicture.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';
import { makeKept } from './keptPictures.ts';
import { packageOfRun, rasterRun } from './scene.ts';

/** The most pixels of the longer side. */
const LONGEST_SIDE = 512;
/** Each takes at most 1 MB, and less as PNG. */
const PICTURES_KEPT = 20;

type Ports = Pick<Service, 'ledger' | 'models' | 'readRange'>;

/** Makes pictures of whole scenes, one at a time: for a file without overviews, each may take seconds. */
export function makeScenePictures({ ledger, models, readRange }: Ports): (run: string) => Promise<Uint8Array> {
  const keep = makeKept<Uint8Array>(PICTURES_KEPT);
  return async (run) => {
    const row = await rasterRun({ ledger }, run);
    const model = await packageOfRun(models, row);
    return keep(run, async () => {
      const { scene, size = 0 } = row; // every done run has it
      const range = (offset: number, length: number) => readRange(scene, offset, Math.min(length, size - offset));
      const head = await range(0, HEAD_BYTES);
      return makeScenePicture({ key: scene.key, size, head, range }, model, LONGEST_SIDE);
    }).catch((error: unknown) => {
      if (error instanceof ObjectNotFound)
        throw new Refused(404, 'The scene file is no longer in the inbox, so there is no picture of it.');
      if (error instanceof InvalidSceneFile || error instanceof NoScenePicture) throw new Refused(404, error.message);
      throw error;
    });
  };
}
