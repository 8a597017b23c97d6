import assert from 'node:assert/strict';
import { encode } from 'fast-png';
import { requestKey } from '../../../core/base/keys.ts';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { request } from '../../../core/doors/requests/format.ts';
import { encodeRequest, parseRequest, splitRequest } from '../../../core/doors/requests/request.ts';
import { storedPlace } from '../../../core/package/package.ts';
import { makeChipAt } from '../../../core/scenes/chipAt.ts';
import images from '../../../core/scenes/image/image.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { type Refusal, refusedInRow } from '../../../core/scenes/refusals.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';
import type { Dice } from '../dice.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const [WIDTH, HEIGHT] = [21, 17];
const bands = ['red', 'green', 'blue'].map((common) => ({
  name: common[0]!.toUpperCase(),
  data_type: 'uint8',
  'eo:common_name': common, // so that grey and palettes are converted
}));
export const model = await editedPackage([...smallModel(bands, [HEIGHT, WIDTH])]);
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 20 };
const scene = { bucket: 'inbox', key: 'north/a.request.json', versionId: 'v1' };

const pixels = (value: number) => new Uint8Array(WIDTH * HEIGHT).fill(value);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
export const pictures = [
  encode({ width: WIDTH, height: HEIGHT, channels: 3, data: new Uint8Array(3 * WIDTH * HEIGHT).fill(9) }),
  encode({ width: 2 * WIDTH, height: 2 * HEIGHT, channels: 1, data: new Uint8Array(4 * WIDTH * HEIGHT).fill(9) }),
  ...images.pictures.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64'))),
];
const rows = (value: number) => Array.from({ length: HEIGHT }, () => new Array(WIDTH).fill(value));

export function inputOf(dice: Dice): object {
  const inputs = [
    () => ({
      id: 'a',
      image: base64(dice.once(3) ? dice.pick(pictures) : damage(dice.pick(pictures), dice, pictures)),
    }),
    () => ({ bands: { R: base64(pixels(1)), G: base64(pixels(2)), B: base64(pixels(3)) } }),
    () => ({ id: 'values', values: [rows(4), rows(5), rows(6)] }),
    () => ({ s3: 's3://inbox/north/a.tif', versionId: 'v1' }),
  ];
  return dice.pick(inputs)();
}

function messageOf(dice: Dice): object {
  const inputs = Array.from({ length: 1 + dice.below(3) }, () => inputOf(dice));
  const more = { model: 'droughtwatch-baseline', replyTo: 'https://sqs.us-east-1.amazonaws.com/111122223333/answers' };
  return { id: 'r-17', ...(dice.once(3) && more), inputs };
}

/** Requests as files: each input is a chip that is read again, or is refused with a reason. */
export const requestFile: Target = {
  name: 'requestFile',
  limits: { share: 25, refuses: ['InvalidSceneFile'], bytesPerByte: 400 },
  make: (dice) => {
    const message = messageOf(dice);
    return dice.once(4) ? new TextEncoder().encode(JSON.stringify(message)) : damageJson(message, dice);
  },
  read: async (file) => {
    const size = file.length;
    const chipAt = makeChipAt(
      async (_, offset, length) => rangesIn(file)(offset, length),
      () => [request],
    );
    const isKnown = request.sniff(file.subarray(0, 512), size) === 'yes';
    const refusals: Refusal[] = [];
    const refuse = (refusal: Refusal) => void refusals.push(refusal);
    const stream = { key: scene.key, size, chunks: inPieces(file), range: rangesIn(file), refuse };
    const places: number[] = [];
    for await (const chips of request.makeReader(model, limits)(stream))
      for (const chip of chips) {
        const { place, planes } = chip;
        places.push(place.index);
        assert.equal(chip.request?.length, chip.request?.trim().length);
        assert.deepEqual(
          planes.map(({ length }) => length),
          [1, 2, 3].map(() => WIDTH * HEIGHT),
        );
        if (isKnown) assert.deepEqual(await chipAt({ ...scene, size }, storedPlace(place), model), chip);
      }
    const all = [...places, ...refusals.map(({ index }) => index)];
    assert.equal(new Set(all).size, all.length);
    for (const { index, message } of refusals) assert.ok(message.startsWith(`inputs[${index}]`), message);
    assert.ok(Buffer.byteLength(JSON.stringify(refusedInRow(refusals))) < 10_000);
  },
};

/** Requests as messages of a queue: what is kept of one says the same, and is kept as it is when it comes again. */
export const requestMessage: Target = {
  name: 'requestMessage',
  limits: { share: 40, refuses: ['InvalidMessage'], bytesPerByte: 400 },
  make: (dice) => damageJson(messageOf(dice), dice),
  read: (bytes) => {
    const asked = parseRequest(new TextDecoder().decode(bytes));
    const { files, refusals } = splitRequest(asked, { bucket: 'inbox', prefix: 'north/' });
    assert.match(requestKey(asked.id), /^requests\/[\w.+-]{1,64}=?\.json$/);
    const kept = encodeRequest(asked);
    assert.equal(request.sniff(kept.subarray(0, 512), kept.length), 'yes');
    const again = parseRequest(new TextDecoder().decode(kept), Number.POSITIVE_INFINITY);
    assert.deepEqual(encodeRequest(again), kept);
    for (const { bucket, key } of files) assert.ok(bucket === 'inbox' && key.startsWith('north/'), key);
    for (const { message } of refusals) assert.ok(message.length < 1000, message);
  },
};
