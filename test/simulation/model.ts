import { packageKey, promotedKey } from '../../core/keys.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { editedItem, PROPERTIES, readBaselineFile, smallModel } from '../benches/packages.ts';

/** The simulated model: two bands of 2 × 2 bytes, and a class that can be seen from a pixel. */

const name = String(readParameters()['modelName']);
export const MODEL = { name, version: '1.0.0' };
export const CLASSES = 4;
/** What a chip's prediction is worth, exactly, in 32 bits. */
export const PROBABILITY = 0.75;
/** A chip of this value has no finite output. */
export const MISSING_VALUE = 251;

const bands = ['A', 'B'].map((band) => ({ name: band, data_type: 'uint8' }));
const item = await editedItem(...smallModel(bands, [2, 2]), [[...PROPERTIES, 'swath:truth'], 'label']);

/** The model bucket's objects, the promotion among them. */
export const MODEL_OBJECTS: ReadonlyMap<string, Uint8Array> = new Map([
  [packageKey(MODEL, 'item.json'), encode(item)],
  [packageKey(MODEL, 'reference.json'), await readBaselineFile('reference.json')],
  [packageKey(MODEL, 'model.onnx'), new Uint8Array(1)],
  [promotedKey(name), encode({ version: MODEL.version })],
]);

/** The class that a chip is given. */
export function classOf(value: number): number | null {
  return value === MISSING_VALUE ? null : value % CLASSES;
}

/** Classifies by the first pixel of the first band; `call` is what each batch takes. */
export function makeSimulatedSession(model: ModelPackage, call: <Value>(go: () => Value) => Promise<Value>): Session {
  const width = model.classes.length;
  return {
    model,
    batchSize: 1,
    run: (part, first, chips) =>
      call(() => {
        const rows = new Float32Array(chips * width).fill((1 - PROBABILITY) / (width - 1));
        const { values } = part.bands[0]!;
        for (let chip = 0; chip < chips; chip += 1) {
          const given = classOf(Number(values[(first + chip) * (values.length / part.chips)]));
          if (given === null) rows.fill(Number.NaN, chip * width, (chip + 1) * width);
          else rows[chip * width + given] = PROBABILITY;
        }
        return rows;
      }),
  };
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
