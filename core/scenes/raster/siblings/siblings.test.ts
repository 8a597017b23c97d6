import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../../test/geoTiff.ts';
import { openImage } from '../../../../test/images.ts';
import { openBytes } from '../../../../test/tiff.ts';
import { ObjectTooLarge } from '../../../base/errors.ts';
import images from '../../image/image.vectors.json' with { type: 'json' };
import { crsOf } from '../crs.ts';
import type { Raster } from '../raster.ts';
import { siblingsOf, siblingsToSend } from './names.ts';
import { maskBySibling, placeBySiblings, withNodata } from './siblings.ts';
import written from './siblings.vectors.json' with { type: 'json' };

const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));

/** Answers files by their names, and writes down which were asked for. */
function beside(files: Readonly<Record<string, string>>, asked: string[] = []) {
  return async (key: string) => {
    asked.push(key);
    return Object.hasOwn(files, key) ? Buffer.from(files[key]!) : null;
  };
}

const near = (found: readonly number[], wanted: readonly number[], most: number) => {
  for (const [i, value] of wanted.entries())
    assert.ok(Math.abs(found[i]! - value) <= most * Math.max(1, Math.abs(value)), `${found} is not ${wanted}`);
};

type Vector = {
  what: string;
  file: string;
  beside: Record<string, string>;
  transform: number[];
  epsg?: number | null;
  corner?: number[];
  valid?: number[];
};
const vectors = written as unknown as readonly Vector[]; // each has other files beside it

describe('a picture has the same location as in GDAL, from the files that GDAL wrote beside it:', () => {
  for (const { what, file, beside: files, transform, epsg, corner, valid } of vectors)
    test(what, async () => {
      const opened = await openImage('PNG', bytesOf(file));
      assert.equal(opened.transform, null);
      const raster = await placeBySiblings('a.png', opened, beside(files));
      near(raster.transform!, transform, 1e-12);
      const { crs } = await crsOf(raster.geoKeys);
      if (corner === undefined) assert.equal(crs, null);
      else {
        assert.match(crs!.name, epsg == null ? /^\+proj=laea \+lat_0=52 \+lon_0=10 / : new RegExp(`^EPSG:${epsg}$`));
        near(crs!.toLonLat(transform[0]!, transform[3]!), corner, 1e-9);
      }
      const into = new Uint8Array(24);
      const found = await raster.read({ x: 0, y: 0, width: 6, height: 4 }, [0], [into]);
      assert.deepEqual(found.valid && [...found.valid], valid ?? null);
    });
});

describe('sibling files of a picture are looked up', () => {
  const [utm] = vectors;
  const [name] = Object.values(utm!.beside);

  test('under four names, and only if the picture has no location of its own', async () => {
    const asked: string[] = [];
    const opened = await openImage('PNG', bytesOf(utm!.file));
    const raster = await placeBySiblings('x/a.png', opened, beside({}, asked));
    assert.deepEqual(asked.sort(), ['x/a.pgw', 'x/a.png.aux.xml', 'x/a.pngw', 'x/a.wld']);
    assert.equal(raster.transform, null);
    const placed: Raster = { ...opened, transform: [0, 1, 0, 0, 0, -1], geoKeys: { 1024: 1, 3072: 32632 } };
    assert.equal(await placeBySiblings('x/a.png', placed, beside({}, asked)), placed);
    assert.equal(asked.length, 4);
  });

  for (const [key, worldFiles] of [
    ['a.tif', ['a.tfw', 'a.tifw', 'a.wld']],
    ['b/a.b.TIFF', ['b/a.b.TFW', 'b/a.b.TIFFW', 'b/a.b.WLD']],
    ['a.jpeg', ['a.jgw', 'a.jpegw', 'a.wld']],
    ['a.jp2', ['a.j2w', 'a.jp2w', 'a.wld']],
    ['b.c/a', []],
    ['a\n.webp', ['a\n.wpw', 'a\n.webpw', 'a\n.wld']],
  ] as const)
    test(`by the ending of ${JSON.stringify(key)}`, () =>
      assert.deepEqual(siblingsOf(key), { aux: `${key}.aux.xml`, mask: `${key}.msk`, worldFiles }));

  test('and say when it was acquired, as GDAL writes it, in the same four requests', async () => {
    const asked: string[] = [];
    const opened = await openImage('PNG', bytesOf(utm!.file));
    const domain = '<Metadata domain="IMAGERY"><MDI key="ACQUISITIONDATETIME">2018-01-06 15:33:21</MDI></Metadata>';
    const tag = '<Metadata><MDI key="TIFFTAG_DATETIME">2018:01:07 00:00:00</MDI></Metadata>';
    const ofBand =
      '<PAMRasterBand band="1"><Metadata><MDI key="TIFFTAG_DATETIME">1999</MDI></Metadata></PAMRasterBand>';
    const aux = name!.replace('</PAMDataset>', `${domain}${tag}${ofBand}</PAMDataset>`);
    const { times } = await placeBySiblings('a.png', opened, beside({ 'a.png.aux.xml': aux }, asked));
    assert.deepEqual(times?.slice(-2), [
      { by: 'ACQUISITIONDATETIME', start: '2018-01-06 15:33:21' },
      { by: 'TIFFTAG_DATETIME', start: '2018:01:07 00:00:00' },
    ]);
    assert.equal(asked.length, 4);
  });

  test('and GDAL’s own file precedes a world file, but may also have only the coordinate system', async () => {
    const opened = await openImage('PNG', bytesOf(utm!.file));
    const world = '2\n0\n0\n-2\n1\n-1\n';
    const both = await placeBySiblings('a.png', opened, beside({ 'a.png.aux.xml': name!, 'a.pgw': world }));
    assert.deepEqual(both.transform, utm!.transform);
    const crsAlone = name!.replace(/<GeoTransform>.*<\/GeoTransform>/, '');
    const parts = await placeBySiblings('a.png', opened, beside({ 'a.png.aux.xml': crsAlone, 'a.pgw': world }));
    assert.deepEqual([parts.transform, parts.geoKeys], [[0, 2, 0, 0, 0, -2], { 1024: 1, 3072: 32632 }]);
  });
});

test('a world file may have commas for points, and the system of .aux.xml may be a code', async () => {
  const files = {
    'a.pgw': '0,5\n0\n0\n-0,5\n100,25\n200\n',
    'a.png.aux.xml': '<PAMDataset><SRS>EPSG:32632</SRS></PAMDataset>',
  };
  const raster = await placeBySiblings('a.png', await openImage('PNG', bytesOf(vectors[0]!.file)), beside(files));
  assert.deepEqual(raster.transform, [100, 0.5, 0, 200.25, 0, -0.5]);
  assert.equal((await crsOf(raster.geoKeys)).crs?.name, 'EPSG:32632');
});

test('a picture that its EXIF data turn has no location: the file beside it is of the stored pixels', async () => {
  const { file } = images.pictures.find((one) => one.what.includes('PNG, orientation'))!;
  const world = { 'a.wld': '3\n0.5\n0.25\n-2\n100\n200\n' };
  assert.equal((await placeBySiblings('a.png', await openImage('PNG', bytesOf(file)), beside(world))).transform, null);
});

test('nodata values of .aux.xml do not count for a picture with a mask', async () => {
  const { file, beside: files } = vectors.find((one) => Object.values(one.beside).join().includes('NoDataValue'))!;
  const window = { x: 0, y: 0, width: 6, height: 4 };
  for (const [hasMask, valid] of [
    [false, true],
    [true, false],
  ]) {
    const opened = { ...(await openImage('PNG', bytesOf(file))), hasMask: hasMask! };
    const raster = await placeBySiblings('a.png', opened, beside(files));
    assert.equal((await raster.read(window, [0], [new Uint8Array(24)])).valid !== null, valid);
  }
});

test('nodata values do not count for a JPEG with the mask that GDAL writes behind it', async () => {
  const { file } = images.pictures.find(({ what }) => what === 'JPEG, masked by GDAL')!;
  assert.equal(withNodata(await openImage('JPEG', bytesOf(file)), new Map([[0, '0']])), undefined);
});

describe('a damaged sibling of a picture is refused by name:', () => {
  const file = bytesOf(vectors[0]!.file);
  for (const [files, message] of [
    [{ 'a.pgw': '1\n2\n3\n' }, /^a\.pgw: found an invalid world file, allowed are six numbers/],
    [{ 'a.wld': 'a\nb\nc\nd\ne\nf\n' }, /^a\.wld: found an invalid world file/],
    [{ 'a.png.aux.xml': '<GeoTransform>1,2,3,4,5</GeoTransform>' }, /^a\.png\.aux\.xml: found an invalid GeoTransform/],
  ] as const)
    test(String(message), async () => {
      const opened = await openImage('PNG', file);
      await isRefused(() => placeBySiblings('a.png', opened, beside(files)), message);
    });

  test('a sibling that is too large', async () => {
    const opened = await openImage('PNG', file);
    const read = async (key: string) => {
      throw new ObjectTooLarge(key, 2 ** 21, 2 ** 20);
    };
    await assert.rejects(placeBySiblings('a.png', opened, read), /found more than 1048576 bytes beside its image/);
  });
});

describe('a mask beside a raster', () => {
  const side = 4;
  const limits = { maxBlockBytes: 2 ** 20, cacheBytes: 0 };
  const [left, top] = [(i: number) => (i % side < 2 ? 0 : 255), (i: number) => (i < side * 2 ? 0 : 9)];
  const band = (value: (i: number) => number) => Uint8Array.from({ length: side * side }, (_, i) => value(i));
  const tiff = (bands: Uint8Array[], more = {}) => encodeGeoTiff({ width: side, height: side, bands, ...more });
  const picture = tiff([band((i) => i), band(() => 7)], { nodata: 7 });
  const masked = async (mask: Uint8Array | null, part: Partial<Raster> = {}) =>
    maskBySibling(
      'x/a.tif',
      { ...(await openBytes(picture)), ...part },
      async (key) => (key === 'x/a.tif.msk' ? mask : null),
      limits,
    );
  async function validOf(raster: Raster, bands = [0, 1]) {
    const into = bands.map(() => new Uint8Array(side * side));
    const { valid } = await raster.read({ x: 0, y: 0, width: side, height: side }, bands, into);
    return valid && [...valid];
  }
  const where = (value: (i: number) => number) => [...band((i) => (value(i) > 0 ? 1 : 0))];

  for (const [what, mask, bands, valid] of [
    ['of one band applies to all bands, instead of nodata', tiff([band(left)]), [1], where(left)],
    [
      'of 16 bits is 0 where there is no data',
      encodeGeoTiff({ width: side, height: side, bands: [Uint16Array.from(band(left))] }),
      [0],
      where(left),
    ],
    [
      'with a band for each excludes pixels that are invalid in all read bands',
      tiff([band(left), band(top)]),
      [0, 1],
      where((i) => left(i) + top(i)),
    ],
    ['with a band for each is used for the band that is read', tiff([band(left), band(top)]), [1], where(top)],
    ['that is nowhere 0 excludes nothing', tiff([band(() => 1)]), [0], null],
  ] as const)
    test(what, async () => assert.deepEqual(await validOf(await masked(mask), [...bands]), valid));

  test('is what says where data is, so that nodata values of a package do not count', async () => {
    const { bands } = await openBytes(tiff([band((i) => i), band(() => 7)]));
    assert.equal(withNodata(await masked(tiff([band(left)]), { bands }), new Map([[0, '3']])), undefined);
    assert.notEqual(withNodata(await masked(null, { bands }), new Map([[0, '3']])), undefined);
  });

  test('is not looked up if the file has its own, and nothing changes if there is none', async () => {
    assert.deepEqual(
      await validOf(await masked(tiff([band(left)]), { hasMask: true })),
      where((i) => Math.abs(i - 7)),
    );
    assert.deepEqual(
      await validOf(await masked(null), [1]),
      where(() => 0),
    );
  });

  for (const [what, mask, message, part] of [
    [
      'another size',
      encodeGeoTiff({ width: 2, height: 8, bands: [band(left)] }),
      /^x\/a\.tif\.msk: found a mask of 2 × 8 pixels and 1 bands, allowed is one of the picture's 4 × 4 pixels, of 1 band or of its 2\./,
    ],
    ['too many bands', tiff([left, left, top].map(band)), /a mask of 4 × 4 pixels and 3 bands/],
    ['another format', Buffer.from('nothing'), /^x\/a\.tif\.msk: is not a TIFF/],
    ['a picture that is turned', tiff([band(left)]), /EXIF/, { isTurned: true }],
  ] as const)
    test(`of ${what} is refused by its name`, () => isRefused(() => masked(mask, part), message));

  test('is sent with its file', () => {
    assert.deepEqual(siblingsToSend('/tmp/a.tif', 'x/b.tif')[1], ['/tmp/a.tif.msk', 'x/b.tif.msk']);
  });
});

test('the mixer.json of an export is sent with its files, if they keep matching names', () => {
  const mixers = (file: string, key: string) =>
    siblingsToSend(file, key).filter(([from]) => from.endsWith('mixer.json'));
  assert.deepEqual(mixers('/tmp/T29-00000.tfrecord.gz', 'north/T29-00000.tfrecord.gz'), [
    ['/tmp/T29-mixer.json', 'north/T29-mixer.json'],
  ]);
  assert.deepEqual(mixers('T29.tfrecord', 'a/b.tfrecord'), [
    ['T29-mixer.json', 'a/b-mixer.json'],
    ['T29mixer.json', 'a/bmixer.json'],
  ]);
  assert.deepEqual(mixers('T29.tfrecord', 'a/b'), []);
});
