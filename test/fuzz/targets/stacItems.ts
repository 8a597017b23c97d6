import assert from 'node:assert/strict';
import { ObjectNotFound } from '../../../core/base/errors.ts';
import { SCENE_LIMITS } from '../../../core/base/limits.ts';
import { assetAt, webAddress } from '../../../core/scenes/formats/stacItem/assetAt.ts';
import { stacItem } from '../../../core/scenes/formats/stacItem/format.ts';
import vectors from '../../../core/scenes/formats/stacItem/stacItem.vectors.json' with { type: 'json' };
import { rangesIn } from '../../../core/scenes/rangesIn.ts';
import { editedPackage, smallModel } from '../../benches/packages.ts';
import { damage } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import type { Target } from '../target.ts';
import { inPieces } from './records.ts';

const SIDE = 16;
const bands = vectors.bands.map(({ name }) => ({ name, data_type: 'uint16' }));
const model = await editedPackage([...smallModel(bands, [SIDE, SIDE])]);
const limits = { ...SCENE_LIMITS, maxRecordBytes: 2 ** 16, maxFileBytes: 2 ** 20 };
const item = { bucket: 'inbox', key: 'north/a.stac.json' };
const files = new Map(vectors.bands.map(({ name, file }) => [`north/${name}.tif`, Buffer.from(file, 'base64')]));

/** Some of the chips lie within, of some of these a part. */
const ring = [-9.001, 52.351, -8.9975, 52.351, -8.9975, 52.3485, -9.001, 52.351];
const area = { type: 'Polygon', coordinates: [[0, 2, 4, 6].map((i) => ring.slice(i, i + 2))] };

const ITEMS: readonly object[] = [
  {
    type: 'Feature',
    stac_version: '1.1.0',
    properties: { 'swath:area': area },
    assets: Object.fromEntries(bands.map(({ name }) => [name, { href: `./${name}.tif`, gsd: 10, roles: ['data'] }])),
  },
  {
    type: 'Feature',
    stac_version: '1.0.0',
    assets: Object.fromEntries(
      bands.map(({ name }, i) => [
        `asset-${i}`,
        {
          href:
            [`s3://inbox/north/${name}.tif`, `https://data.example.com/${name}.tif?sig=1`][i] ?? `../north/${name}.tif`,
          alternate: { s3: { href: `s3://inbox/north/${name}.tif` } },
          'eo:bands': [{ name, common_name: 'blue' }],
          'raster:bands': [{ nodata: 0, scale: 0.0001, offset: -0.1, spatial_resolution: 10 }],
        },
      ]),
    ),
  },
];

/** What an address of the host that is allowed leads to. */
async function onWeb({ protocol, host, username, password, pathname }: URL) {
  assert.deepEqual([protocol, host, username, password], ['https:', 'data.example.com', '', '']);
  const bytes = files.get(`north${pathname}`);
  if (bytes === undefined) throw new ObjectNotFound(pathname);
  return { key: pathname, size: bytes.length, digest: async () => '1', range: rangesIn(bytes), close: () => {} };
}

/** STAC Items that are scenes, whose files are whole: nothing but theirs is opened. */
export const stacItems: Target = {
  name: 'stacItems',
  limits: { share: 20, refuses: ['InvalidSceneFile', 'ObjectNotFound'], bytesPerByte: 400 },
  make: (dice) => {
    const whole = dice.pick(ITEMS);
    if (dice.once(8)) return new Uint8Array(Buffer.from(JSON.stringify(whole)));
    const damaged = damageJson(whole, dice);
    return dice.once(4) ? damage(damaged, dice) : damaged;
  },
  read: async (file) => {
    const asset = async (href: string) => {
      const url = webAddress(href, ['data.example.com']);
      if (url !== undefined) return onWeb(url);
      const { bucket, key } = assetAt(item, href, { prefixes: ['north/'], buckets: [], hosts: [] });
      assert.ok(bucket === 'inbox' && key.startsWith('north/') && !key.split('/').includes('..'));
      const bytes = files.get(key);
      if (bytes === undefined) throw new ObjectNotFound(key);
      return { key, size: bytes.length, digest: async () => '1', range: rangesIn(bytes), close: () => {} };
    };
    const stream = { key: item.key, size: file.length, chunks: inPieces(file), range: rangesIn(file), asset };
    let index = 0;
    for await (const chips of stacItem.makeReader(model, limits)(stream))
      for (const { place, planes } of chips) {
        assert.equal(place.index, index);
        index += 1;
        assert.ok(planes.every(({ length }) => length === SIDE * SIDE));
      }
    assert.ok(index > 0);
  },
};
