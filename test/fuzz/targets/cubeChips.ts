import assert from 'node:assert/strict';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { cubeFormat } from '../../../core/scenes/cubes/cubeFormat.ts';
import type { SceneStream } from '../../../core/scenes/formats/format.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';

const SIDE = 4;
const model = await editedPackage([...smallModel([{ name: 'b02', data_type: 'uint16' }], [SIDE, SIDE])]);
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20, maxChips: 1000 };

/** Reads the chips of a cube as preprocess does; they must be whole, and in their order. */
export async function readCubeChips(stream: SceneStream): Promise<void> {
  let index = 0;
  for await (const chips of cubeFormat.makeReader(model, limits)(stream))
    for (const { place, planes } of chips) {
      assert.equal(place.index, index);
      index += 1;
      assert.ok(planes.every(({ length }) => length === SIDE * SIDE));
      if (index === limits.maxChips) return; // where readChips ends it
    }
  assert.ok(index > 0);
}
