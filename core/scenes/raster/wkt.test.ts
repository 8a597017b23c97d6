import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { crsOf, keysNamed } from './crs.ts';

/** Without the text of a system that has no code. */
function codesIn({ 3073: text, ...keys }: Awaited<ReturnType<typeof keysNamed>>) {
  return text === undefined ? keys : null;
}

describe('well-known text is recognised by its EPSG code', () => {
  for (const [what, text, geoKeys] of [
    ['WKT 1', 'PROJCS["x",GEOGCS["y",AUTHORITY["EPSG","4326"]],AUTHORITY["EPSG","32632"]]', { 1024: 1, 3072: 32632 }],
    ['WKT 2', 'PROJCRS["x",BASEGEOGCRS["y",ID["EPSG",4326]],\n  ID["EPSG",32632]]', { 1024: 1, 3072: 32632 }],
    ['degrees', 'GEOGCRS["WGS 84",ID["EPSG",4326]]', { 1024: 2, 2048: 4326 }],
    [
      'a compound system',
      'COMPD_CS["x",PROJCS["y",AUTHORITY["EPSG","2056"]],VERT_CS["z",AUTHORITY["EPSG","5773"]]]',
      { 1024: 1, 3072: 2056 },
    ],
    [
      'a bound system',
      'BOUNDCRS[SOURCECRS[GEOGCRS["x",ID["EPSG",4314]]],TARGETCRS[GEOGCRS["y",ID["EPSG",4326]]]]',
      { 1024: 2, 2048: 4314 },
    ],
    [
      'round brackets, and quotation marks in a name',
      'GEOGCS("the ""old"", one",AUTHORITY("EPSG","4326"))',
      { 1024: 2, 2048: 4326 },
    ],
    [
      'the code of a part is not its own',
      'PROJCS["x",GEOGCS["y",SPHEROID["z",6378137,298],AUTHORITY["EPSG","4326"]]]',
      null,
    ],
    [
      'a code of another authority',
      'PROJCS["x",GEOGCS["y",SPHEROID["z",6378137,298]],AUTHORITY["ESRI","102100"]]',
      null,
    ],
  ] as const)
    test(what, async () => assert.deepEqual(codesIn(await keysNamed(text)), geoKeys));

  for (const [what, text] of [
    ['nothing', ''],
    ['a word', 'PROJCS'],
    ['a text that is cut short', 'PROJCS["x",GEOGCS["y"'],
    ['a local system', 'LOCAL_CS["x",AUTHORITY["EPSG","4326"]]'],
    ['a system without an ellipsoid', 'GEOGCS["x"]'],
    ['a text that is nested too deep', 'GEOGCS['.repeat(5000)],
    ['a text that is too long', `GEOGCS["${'x'.repeat(2 ** 16)}"]`],
  ] as const)
    test(`${what}: none`, async () => {
      assert.deepEqual(await crsOf(await keysNamed(text)), {
        crs: null,
        reason: 'its well-known text says of no coordinate reference system on earth',
      });
    });
});

test('any text gives a result without an error', async () => {
  const word = fc.constantFrom(
    'PROJCS[',
    'GEOGCS[',
    'COMPD_CS[',
    'AUTHORITY["EPSG","4326"]',
    '"',
    '""',
    ']',
    ',',
    ' ',
    'x',
    '1e9',
    '[',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
      const { crs } = await crsOf(await keysNamed(words.join('')));
      assert.ok(crs === null || crs.name.length > 0);
    }),
    { numRuns: 500, seed: 17 },
  );
});
