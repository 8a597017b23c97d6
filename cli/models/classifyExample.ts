import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidSceneFile } from '../../core/base/errors.ts';
import { isHdf5, isZarr } from '../../core/base/keys.ts';
import { SCENE_LIMITS } from '../../core/base/limits.ts';
import type { ReadSibling } from '../../core/base/objectStore.ts';
import { makeChipBatches } from '../../core/inference/predict.ts';
import { isBlank } from '../../core/measures/blanks/blanks.ts';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { makeAssetsRead } from '../../core/scenes/assetsRead.ts';
import { HEAD_BYTES, type SceneStream } from '../../core/scenes/formats/format.ts';
import { FORMATS, formatOf } from '../../core/scenes/formats/formats.ts';
import { sentName } from '../../core/scenes/sentKey.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { openAssetsIn, readSibling } from '../../local/buckets/sceneFiles.ts';
import { sceneFileAt } from '../../local/buckets/sceneFolder.ts';
import { openModel } from '../../local/stack/openModel.ts';

export const EXAMPLE_CHIPS = 12;

/** Classifies the first chips that are not blank, counts blank ones, and tells whether chips are single pixels of a raster. Throws `InvalidSceneFile` if all are blank. */
export async function classifyExample(model: ModelPackage, onnx: Uint8Array, path: string) {
  const inference = await openModel(model, onnx);
  const titles = new Map(model.classes.map(({ name, title }) => [name, title]));
  const chips: { index: number; text: string | null; probability: number | null }[] = []; // null: the output is not finite
  const { take, flush } = makeChipBatches<number>(inference, async (batch, places) => {
    const { values } = await inference.predict(batch, 0, places.length);
    for (const [chip, index] of places.entries()) {
      const { text, probability } = model.task.said.of(values, chip);
      chips.push({ index, text: (text !== null && titles.get(text)) || text, probability });
    }
  });
  let [taken, blanks, arePixels] = [0, 0, false];
  for await (const chip of chipsOf(model, path)) {
    arePixels = chip.place.kind === 'window' && model.source.width * model.source.height === 1;
    if (isBlank(chip, model)) blanks += 1;
    else {
      await take(chip, chip.place.index);
      taken += 1;
    }
    if (taken === EXAMPLE_CHIPS) break;
  }
  if (taken === 0)
    throw new InvalidSceneFile(`${path}: found ${blanks} chips, all of them blank; an example has some that are not.`);
  await flush();
  return { chips, blanks, arePixels };
}

/** Yields a file's chips, blank ones too, each valid until the next comes. Files beside it are read as in the inbox. */
export async function* chipsOf(model: ModelPackage, named: string, tell?: SceneStream['tell']) {
  const path = sceneFileAt(named);
  await using source = await openSource(path);
  const key = sentName(path);
  const folder = resolve(path).slice(0, -key.length);
  const chunks = createReadStream(path);
  const assets = makeAssetsRead(openAssetsIn(folder, { bucket: '', key }), async () => {});
  const sibling: ReadSibling = (beside, limit) => readSibling(folder, beside, limit);
  const { size, range } = source;
  try {
    yield* chipsIn(model, { key, size, chunks, range, asset: assets.asset!, sibling, ...(tell && { tell }) });
  } finally {
    chunks.destroy();
    assets.close();
  }
}

/** Yields a scene's chips, of whatever format, in the same way. */
export async function* chipsIn(model: ModelPackage, scene: SceneStream): AsyncGenerator<Chip, void, void> {
  const { key, size, range } = scene;
  const { cubeFormat } = await import('../../core/scenes/cubes/cubeFormat.ts');
  const formats = isZarr(key) ? [cubeFormat] : [...(isHdf5(key) ? [cubeFormat] : []), ...FORMATS];
  const { format } = formatOf({ key, size }, await range(0, HEAD_BYTES), formats);
  for await (const chips of format.makeReader(model, SCENE_LIMITS)(scene)) yield* chips;
}
