import { packageKey, promotedKey, publicationKey, SERVING_KEY, shadowKey } from '../../core/base/keys.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { decoding, type Inference } from '../../core/inference/predict.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { encodePublication, fileDigests, publicationOf } from '../../core/releases/publication.ts';
import { encodeServing, servedAlone, takes } from '../../core/releases/serving.ts';
import { readParameters } from '../../deployment/defaults.ts';
import { editedItem, OUTPUT, PROPERTIES, readBaselineFile, smallModel } from '../benches/packages.ts';

/** The simulated model: two bands of 2 × 2 bytes, and a class that can be seen from a pixel. */

const name = String(readParameters()['modelName']);
export const MODEL = { name, version: '1.0.0' };
/** A second model, which does the same: it is live in those scenarios that say so. */
export const BESIDE = { name: `${name}-beside`, version: '2.0.0' };
/** A candidate version of the first model, which does the same: it shadows that one in those scenarios that say so. */
export const SHADOW = { name, version: '1.1.0' };
export const CLASSES = 4;
/** What a chip's prediction is worth, exactly, in 32 bits. */
export const PROBABILITY = 0.75;
/** A chip of this value has no finite output. */
export const MISSING_VALUE = 251;

const bands = ['A', 'B'].map((band) => ({ name: band, data_type: 'uint8' }));
const itemOf = (model: ModelRef, runner = 'function') =>
  editedItem(
    ...smallModel(bands, [2, 2]),
    [`${PROPERTIES}/swath:runner`, runner],
    [`${PROPERTIES}/swath:truth`, 'label'],
    [`${PROPERTIES}/mlm:name`, model.name],
    [`${PROPERTIES}/version`, model.version],
  );
const reference = await readBaselineFile('reference.json');

/** The files of a version's package. */
export async function packageOf(model: ModelRef): Promise<Map<string, Uint8Array>> {
  return new Map([
    ['item.json', encode(await itemOf(model))],
    ['reference.json', reference],
    ['model.onnx', new Uint8Array(1)],
  ]);
}

/** A package as it is published. */
function publishedAs(model: ModelRef, files: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  const record = publicationOf(fileDigests(files), new Date('2026-03-01T08:00:00Z'), null, null);
  return [
    ...[...files].map(([file, bytes]): [string, Uint8Array] => [packageKey(model, file), bytes]),
    [publicationKey(model), encodePublication({ ...record, isWhole: true })],
  ];
}

async function objectsOf(model: ModelRef): Promise<[string, Uint8Array][]> {
  const published = publishedAs(model, await packageOf(model));
  return [...published, [promotedKey(model.name), encode({ version: model.version })]];
}

/** The model bucket's objects, the promotions among them. */
export const MODEL_OBJECTS: ReadonlyMap<string, Uint8Array> = new Map([
  ...(await objectsOf(MODEL)),
  ...(await objectsOf(BESIDE)),
]);

/** In the place of the first model, in those scenarios that say so: the same, of each pixel. */
export const PIXEL_MODEL_OBJECTS = publishedAs(
  MODEL,
  (await packageOf(MODEL)).set(
    'item.json',
    encode(
      await editedItem(
        ...smallModel(bands, [2, 2]),
        [`${PROPERTIES}/mlm:name`, MODEL.name],
        [`${PROPERTIES}/mlm:tasks`, ['semantic-segmentation']],
        [`${PROPERTIES}/swath:overlap`, 0],
        [`${OUTPUT}/tasks`, ['semantic-segmentation']],
        [
          `${OUTPUT}/result`,
          { shape: [-1, CLASSES, 2, 2], dim_order: ['batch', 'class', 'height', 'width'], data_type: 'float32' },
        ],
      ),
    ),
  ),
);

/** In the place of the first model and of its candidate, in those scenarios that say so: the same, in a container. */
export const IN_CONTAINER: readonly [key: string, bytes: Uint8Array][] = (
  await Promise.all(
    [MODEL, SHADOW].map(async (model) =>
      publishedAs(model, (await packageOf(model)).set('item.json', encode(await itemOf(model, 'batch')))),
    ),
  )
).flat();

/** What makes the candidate version a shadow, of every file. */
export const SHADOW_OBJECTS: readonly [key: string, bytes: Uint8Array][] = [
  ...(await objectsOf(SHADOW)).filter(([key]) => key !== promotedKey(name)),
  [shadowKey(name), encode({ shadow: { version: SHADOW.version, share: 1, since: '2026-03-01T00:00:00.000Z' } })],
];

/** What says that the second model is live as well, and takes these keys. */
export function servingBeside(accepts: string[]): [key: string, bytes: Uint8Array] {
  return [SERVING_KEY, encodeServing([...servedAlone(MODEL.name), { name: BESIDE.name, accepts, since: null }])];
}

/** The models that take a key, where the second one takes these; none, where it is not live. */
export function takersOf(key: string, beside: string[] | undefined): ModelRef[] {
  return beside !== undefined && takes({ accepts: beside }, key) ? [MODEL, BESIDE] : [MODEL];
}

/** The class that a chip is given. */
export function classOf(value: number): number | null {
  return value === MISSING_VALUE ? null : value % CLASSES;
}

/** Classifies by the first pixel of the first band, each pixel the same where the model is of pixels; `call` is what each batch takes. */
export function makeSimulatedInference(
  model: ModelPackage,
  call: <Value>(go: () => Value) => Promise<Value>,
): Inference {
  const width = model.classes.length;
  const { pixels } = model.output;
  const each = pixels === null ? 1 : pixels.height * pixels.width;
  const scores: Inference['scores'] = (part, first, chips) =>
    call(() => {
      const rows = new Float32Array(chips * width * each).fill((1 - PROBABILITY) / (width - 1));
      const { values } = part.bands[0]!;
      for (let chip = 0; chip < chips; chip += 1) {
        const given = classOf(Number(values[(first + chip) * (values.length / part.chips)]));
        if (given === null) rows.fill(Number.NaN, chip * width * each, (chip + 1) * width * each);
        else rows.fill(PROBABILITY, (chip * width + given) * each, (chip * width + given + 1) * each);
      }
      return rows;
    });
  return decoding(model, scores, 1);
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
