import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { idOf, onlineInputSchema, parseInput } from './input.ts';

describe('an input is one of four', () => {
  for (const [input, expected] of [
    [{ image: 'AAAA' }, { id: null, kind: 'image', image: 'AAAA' }],
    [
      { id: 'a', bands: { B2: 'AA==' } },
      { id: 'a', kind: 'bands', bands: { B2: 'AA==' } },
    ],
    [
      { id: null, values: [[1, 2]] },
      { id: null, kind: 'values', values: [[1, 2]] },
    ],
    [{ s3: 's3://inbox/north/ä b#c' }, { id: null, kind: 's3', bucket: 'inbox', key: 'north/ä b#c', versionId: null }],
    [
      { s3: 's3://inbox/a', versionId: 'v1' },
      { id: null, kind: 's3', bucket: 'inbox', key: 'a', versionId: 'v1' },
    ],
  ] as const)
    test(JSON.stringify(input), () => {
      assert.deepEqual(parseInput(input, 'inputs[0]'), expected);
      assert.deepEqual(onlineInputSchema.parse(input), input);
    });
});

describe('anything else is refused with what was found and what is allowed', () => {
  for (const [input, says] of [
    [
      null,
      /^inputs\[3\]: found null, allowed is an object with one of image, bands, values, text, texts, features, pair, s3$/,
    ],
    [[], /found a list of 0, allowed is an object/],
    ['image', /found “image”, allowed is an object/],
    [{}, /found nothing, allowed is exactly one of image, bands, values, text, texts, features, pair, s3/],
    [
      { img: 'AAAA' },
      /found the members “img”, allowed is exactly one of image, bands, values, text, texts, features, pair, s3/,
    ],
    [{ image: 'AAAA', values: [1] }, /found the members “image, values”, allowed is exactly one of/],
    [{ image: 'AAAA', label: 3 }, /found the members “label” beside image, allowed is id/],
    [{ image: 7 }, /inputs\[3\]\.image: found 7, allowed is a file of an image as base64/],
    [{ bands: ['AAAA'] }, /\.bands: found a list of 1, allowed is an object of bands by their names/],
    [{ bands: { B2: 5 } }, /\.bands “B2”: found 5, allowed is the little-endian values of the band as base64/],
    [{ values: 5 }, /\.values: found 5, allowed is a list of numbers/],
    [{ values: [1], id: '' }, /\.id: found “”, allowed is a text of 1 to 1024 characters, or none/],
    [{ values: [1], id: 7 }, /\.id: found 7, allowed is a text/],
    [
      { values: [1], id: 'inputs[0]' },
      /\.id: found “inputs\[0\]”, allowed is a text that is no place such as inputs\[3\]/,
    ],
    [{ values: [1], id: '\ud800' }, /\.id: found .*, allowed is a text in which no surrogate/],
    [{ s3: 'north/a' }, /\.s3: found “north\/a”, allowed is s3:\/\/bucket\/key/],
    [{ s3: 's3://inbox/' }, /\.s3: found “s3:\/\/inbox\/”, allowed is s3:\/\/bucket\/key/],
    [{ s3: `s3://inbox/${'a'.repeat(1025)}` }, /\.s3: found .*: a key has at most 1024 bytes/],
    [
      { s3: 's3://inbox/a', versionId: 'a\ud800' },
      /\.versionId: found “a\\ud800”, allowed is a text in which no surrogate comes/,
    ],
    [{ s3: 's3://inbox/a', versionId: '' }, /\.versionId: found “”, allowed is a text of 1 to 1024/],
    [{ s3: 's3://inbox/a', versionId: 'v'.repeat(1025) }, /\.versionId: found “v+”, allowed is a text of 1 to 1024/],
    [{ s3: 's3://inbox/a', label: 3 }, /found the members “label” beside s3, allowed are id and versionId/],
    [{ s3: 's3://inbox/a', versionId: 'a#b' }, /\.versionId: found “a#b”, allowed is a text of 1 to 1024/],
  ] as const)
    test(JSON.stringify(input).slice(0, 60), () => {
      assert.throws(() => parseInput(input, 'inputs[3]'), { name: 'InvalidSceneFile', message: says });
    });
});

test('the id of an unreadable input is found if it has one', () => {
  assert.deepEqual([{ id: 'a', image: 3 }, { id: 3 }, null, 'a'].map(idOf), ['a', null, null, null]);
});

test('the schema can be described as JSON Schema', () => {
  const { anyOf } = z.toJSONSchema(onlineInputSchema) as { anyOf: { required: string[] }[] };
  assert.deepEqual(
    anyOf.map(({ required }) => required),
    [...['image', 'bands', 'values', 'text', 'texts', 'features', 'pair', 's3', 'url']].map((name) => [name]),
  );
});
