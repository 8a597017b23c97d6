import '../../inference/onnx/noTelemetry.ts';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openModel } from '../../../local/stack/openModel.ts';
import { encodeTar } from '../../../test/archives.ts';
import { editedPackage, smallModel } from '../../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { encodeZip } from '../../../test/numpy.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import { formatsOf } from '../../doors/formatsOf.ts';
import { makePredictor } from '../../doors/online/predictor.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { makePartBuilder } from '../partBuilder.ts';
import { decodePart } from '../preparedPart.ts';
import { inOneChunk, rangesIn } from '../rangesIn.ts';
import { makeReadChips } from '../readChips.ts';
import vectors from './everyDoor.vectors.json' with { type: 'json' };

/** A picture has one answer, whichever way it comes. */

type Read = { planes: readonly ArrayLike<number>[]; warnings: readonly string[]; nodataShare: number };
type Door = (file: Uint8Array, model: ModelPackage) => Promise<Read>;

const readOf = ({ planes, warnings = [], nodataShare = 0 }: Chip): Read => ({
  planes: planes.map((plane) => plane.slice()),
  warnings,
  nodataShare,
});

/** Reads a scene file, which must be one chip. */
async function one(bytes: Uint8Array, model: ModelPackage, files: Record<string, Uint8Array> = {}): Promise<Read> {
  const chips: Read[] = [];
  const chunks = inOneChunk(bytes);
  const asset = async (key: string) => ({
    key,
    size: files[key]!.length,
    range: rangesIn(files[key]!),
    close: () => {},
    digest: async () => 'd',
  });
  const scene = { key: 'a', size: bytes.length, chunks, range: rangesIn(bytes), asset };
  const seen = { ...model, blankMax: null, nodataLimit: 1 }; // blank ones too
  const { refusals } = await makeReadChips(seen, SCENE_LIMITS)(
    scene,
    (chip) => void chips.push(readOf(chip)),
    formatsOf(scene),
  );
  if (refusals) throw new Error(refusals[0]!.message);
  assert.equal(chips.length, 1);
  return chips[0]!;
}

const text = (json: object) => new TextEncoder().encode(JSON.stringify(json));
const base64 = (file: Uint8Array) => Buffer.from(file).toString('base64');

/** Reads an input of a request over HTTP, as the Predict page sends it too. */
async function overHttp(input: object, file: Uint8Array, model: ModelPackage): Promise<Read> {
  let read: Read | undefined;
  const predict = async (chips: readonly Chip[]) => {
    if (chips.length === 1) read = readOf(chips[0]!);
    return chips.map(() => ({ error: new Error() }));
  };
  const answered = makePredictor(
    { model: { ...model, blankMax: null, nodataLimit: 1 }, predict },
    { readFile: async () => file, readUrl: async () => file, maxImageBytes: SCENE_LIMITS.maxRecordBytes },
  ).predictInputs([input], 60);
  const refused = await answered.then(
    ({ answers }) => answers[0]!.error!,
    (error: Error) => error.message, // of the model, which is not asked
  );
  if (read === undefined) throw new Error(refused);
  return read;
}

const item = (assets: object) => text({ type: 'Feature', stac_version: '1.1.0', id: 'a', assets });

const DOORS: Record<string, Door> = {
  'a file': one,
  'a tar': (bytes, model) => one(encodeTar([{ name: 'a', bytes }]), model),
  'a tar in gzip': (bytes, model) => one(new Uint8Array(gzipSync(encodeTar([{ name: 'a', bytes }]))), model),
  'a zip': (file, model) => one(encodeZip([{ name: 'a', bytes: file }]), model),
  'a STAC Item': (file, model) =>
    one(item({ photo: { href: 'photo' }, small: { href: 'small', roles: ['thumbnail'] } }), model, { photo: file }),
  'a request': (file, model) => one(text({ id: 'r', inputs: [{ image: base64(file) }] }), model),
  'HTTP, in the body': (file, model) => overHttp({ image: base64(file) }, file, model),
  'HTTP, a file of the inbox': (file, model) => overHttp({ s3: 's3://inbox/a' }, file, model),
  'HTTP, an address': (file, model) => overHttp({ url: 'https://example.org/a' }, file, model),
};

/** Doors for what takes a second to decode. */
const SOME = ['a file', 'HTTP, in the body'];

const FOLDER = new URL('../../../models/digits/1.0.0/', import.meta.url);
const digits = await readModelPackage((name) => readFile(new URL(name, FOLDER)));
const inference = await openModel(digits, readFileSync(new URL(digits.artifact.file, FOLDER)));

async function digitOf({ planes }: Read): Promise<number> {
  const part = makePartBuilder(digits, 1);
  part.add({ place: { index: 0, kind: 'index' }, planes: planes as Chip['planes'], truth: null });
  const scores = [...(await inference.scores(decodePart(part.take()), 0, 1))];
  return scores.indexOf(Math.max(...scores));
}

/** What a door says of a file it does not take, without the file's name in it. */
async function refusal(door: Door, file: Uint8Array, model: ModelPackage): Promise<string> {
  try {
    await door(file, model);
  } catch (error) {
    return (error as Error).message;
  }
  return 'it was taken';
}

describe('for a model of pictures, every door gives the same result for', () => {
  for (const { what, file, values, warnings } of vectors)
    test(`${what}: the values of Pillow, classified as 7`, async () => {
      const bytes = new Uint8Array(Buffer.from(file, 'base64'));
      const wanted = { planes: [new Uint8Array(Buffer.from(values, 'base64'))], warnings, nodataShare: 0 };
      for (const [name, door] of Object.entries(DOORS))
        if (!what.includes('phone') || SOME.includes(name)) assert.deepEqual(await door(bytes, digits), wanted, name);
      assert.equal(await digitOf(wanted), 7);
    });

  test('a picture that is too small, damaged, or a HEIC photo: a refusal with a remedy', async () => {
    const heic = new Uint8Array([0, 0, 0, 24, ...Buffer.from('ftypheic\0\0\0\0mif1heic'), ...new Uint8Array(600)]);
    const [small, grey] = [
      encodeGeoTiff({ width: 3, height: 3, bands: [new Uint8Array(9)] }),
      new Uint8Array(Buffer.from(vectors[0]!.file, 'base64')),
    ];
    for (const [name, door] of Object.entries(DOORS)) {
      assert.match(
        await refusal(door, small, digits),
        /found 3 × 3 pixels, allowed are 28 × 28, or another size/,
        name,
      );
      assert.match(await refusal(door, grey.subarray(0, 120), digits), /damaged|cut short/, name);
      assert.match(await refusal(door, heic, digits), /like a HEIC photo\. Convert it to JPEG \(heif-convert /, name);
    }
  });
});

describe('for a model of the ground, every door', async () => {
  const rgb = ['red', 'green', 'blue'].map((name) => ({ name, data_type: 'uint8' }));
  const ground = await editedPackage(smallModel(rgb, [8, 8]));
  const square = (side: number, bands = 3) =>
    encodeGeoTiff({
      width: side,
      height: side,
      bands: Array.from({ length: bands }, (_, band) => new Uint8Array(side * side).fill(band + 1)),
    });
  const doors = Object.entries(DOORS).filter(([name]) => name !== 'a STAC Item'); // which names each band's file

  test('reads an image of chip size unchanged, and pads a smaller one, of which no data are missing', async () => {
    const padded = [1, 2, 3].map((value) =>
      Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 6 && i < 48 ? value : 0)),
    );
    for (const [name, door] of doors) {
      assert.deepEqual(
        await door(square(8), ground),
        { planes: [1, 2, 3].map((value) => new Uint8Array(64).fill(value)), warnings: [], nodataShare: 0 },
        name,
      );
      assert.deepEqual(await door(square(6), ground), { planes: padded, warnings: [], nodataShare: 0 }, name);
    }
  });

  test('does not convert colours, and refuses larger images except for files, which are cut into chips', async () => {
    for (const [name, door] of doors) {
      assert.match(await refusal(door, square(8, 1), ground), /found 1 band, allowed are the bands/, name);
      if (name !== 'a file')
        assert.match(
          await refusal(door, square(16), ground),
          /found 16 × 16 pixels, of which .* makes 4 chips; /,
          name,
        );
    }
  });
});
