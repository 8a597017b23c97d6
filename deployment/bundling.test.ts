import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { runInThisContext } from 'node:vm';
import { inflateSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import proj4 from 'proj4';
import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import tiffs from '../core/scenes/formats/geotiff/geotiff.vectors.json' with { type: 'json' };
import { openJpeg2000 } from '../core/scenes/formats/jpeg2000/jpeg2000.ts';
import { webp as webpFormat } from '../core/scenes/formats/webp/format.ts';
import images from '../core/scenes/image/image.vectors.json' with { type: 'json' };
import { rangesIn } from '../core/scenes/rangesIn.ts';
import { makeRasterValues } from '../core/scenes/raster/raster.ts';
import type { OpenRaster, RasterFormat } from '../core/scenes/raster/rasterFormat.ts';
import { docsRoute } from '../report/apiPage/docsRoute.ts';
import { STYLE } from '../report/page/style.ts';
import { plugins, withPlainNames } from './artifacts.ts';

it('a computed name of a field becomes the constant that it is made of, and any other stays', () => {
  const text = 'const _h = "http";\nconst _n = 1;\nexport var a = { [_h]: ["GET"], [_n]: 2, [_other]: 3, b: [_h] };';
  assert.equal(
    withPlainNames(text),
    'const _h = "http";\nconst _n = 1;\nexport var a = { "http": ["GET"], [_n]: 2, [_other]: 3, b: [_h] };',
  );
});

/** A bundle as the service's are made. */
async function bundle(contents: string, options: Pick<BuildOptions, 'supported'> = {}) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    plugins,
    mainFields: ['module', 'main'],
    ...options,
  });
  const used = Object.values(metafile.outputs)[0]!.inputs;
  const later = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.flatMap(({ kind, path }) => (kind === 'dynamic-import' ? [path] : [])),
  );
  return {
    text: outputFiles[0]!.text,
    inputs: Object.keys(used).filter((path) => used[path]!.bytesInOutput > 0),
    imports: later,
  };
}

/** What a bundle exports. */
function evaluated<Exports>(text: string): Exports {
  const module = { exports: {} as Exports };
  runInThisContext(`(module, require) => {${text}}`)(module, createRequire(import.meta.url));
  return module.exports;
}

it('clients keep what is called, and get their credentials from the environment alone', async () => {
  const { text, inputs } = await bundle("export { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';");
  const named = ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY', 'CreateBucketRequest', 'AssumeRole'];
  assert.deepEqual(
    named.filter((name) => text.includes(name)),
    ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY'],
  );
  const providers = inputs.flatMap((path) => /node_modules\/.*(credential-provider-[\w-]+)/.exec(path)?.[1] ?? []);
  assert.deepEqual([...new Set(providers)], ['credential-provider-env']);
});

it('clients take their settings from the environment, or the default, and look into no file', async () => {
  const { text, inputs } = await bundle("export { S3Client } from '@aws-sdk/client-s3';");
  assert.deepEqual(
    inputs.filter((path) => path.includes('shared-ini-file-loader')),
    [],
  );
  const { S3Client } = evaluated<typeof import('@aws-sdk/client-s3')>(text);
  const { AWS_REGION: before } = process.env;
  process.env['AWS_REGION'] = 'eu-north-1';
  try {
    const { region, useFipsEndpoint, requestChecksumCalculation } = new S3Client().config;
    assert.deepEqual(
      [await region(), await useFipsEndpoint(), await requestChecksumCalculation()],
      ['eu-north-1', false, 'WHEN_SUPPORTED'],
    );
    delete process.env['AWS_REGION'];
    await assert.rejects(new S3Client().config.region(), /Region is missing/);
  } finally {
    if (before === undefined) delete process.env['AWS_REGION'];
    else process.env['AWS_REGION'] = before;
  }
});

it('clients evaluate nothing at load that only some callers need', async () => {
  const { imports } = await bundle("export { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';");
  assert.deepEqual(
    imports.filter((path) => !path.startsWith('node:')),
    [],
  );
});

it("of the tables' library stay the commands that are named, and none that turns pages", async () => {
  const { inputs } = await bundle("export { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';");
  const commands = inputs.flatMap(
    (path) => /client-dynamodb\/dist-es\/commands\/(\w+)Command\.js$/.exec(path)?.[1] ?? [],
  );
  assert.deepEqual(commands.sort(), ['DescribeEndpoints', 'GetItem']); // the first is the client's own
});

it('of zod stay no languages but one, and it has nothing compiled', async () => {
  const { text, inputs } = await bundle("import * as z from 'zod'; z.string(); export const config = z.config();");
  assert.deepEqual(
    inputs.filter((path) => path.includes('/locales/')).map((path) => path.split('/').at(-1)),
    ['en.js'],
  );
  assert.equal(evaluated<{ config: { jitless?: boolean } }>(text).config.jitless, true);
});

it('projections stay, without the names of the military grid', async () => {
  const { text } = await bundle("export { default as proj4 } from 'proj4';");
  const { proj4: bundled } = evaluated<{ proj4: typeof proj4 }>(text);
  assert.deepEqual(bundled('EPSG:3857', [10, 50]), proj4('EPSG:3857', [10, 50]));
  assert.ok(!text.includes('MGRSPoint'));
});

it("a report's style and the page of the API are inside, as their files have them", async () => {
  const { text } = await bundle(
    "export { STYLE } from '../report/page/style.ts'; export { docsRoute } from '../report/apiPage/docsRoute.ts';",
  );
  const bundled = evaluated<{ STYLE: typeof STYLE; docsRoute: typeof docsRoute }>(text);
  assert.deepEqual(bundled.STYLE, STYLE);
  assert.deepEqual(bundled.docsRoute.reply({} as never), docsRoute.reply({} as never));
});

describe('WebAssembly works inside of a bundle, without a file beside it:', () => {
  const fixture = (name: string) =>
    new Uint8Array(readFileSync(new URL(`../core/scenes/formats/${name}`, import.meta.url)));
  const lerc = tiffs.pictures.find(({ what }) => what.startsWith('LERC off by 0 of') && what.includes('uint16'))!;
  const webp = images.pictures.find(({ what }) => what === 'WebP, 3 bands')!;
  for (const [what, path, open, file] of [
    ['openGeoTiff', 'geotiff/geotiff.ts', openGeoTiff, fixture('geotiff/fixtures/be_cog.tiff')],
    ['openGeoTiff', 'geotiff/geotiff.ts', openGeoTiff, new Uint8Array(inflateSync(Buffer.from(lerc.file, 'base64')))],
    ['openJpeg2000', 'jpeg2000/jpeg2000.ts', openJpeg2000, fixture('jpeg2000/fixtures/small_B04_10m.jp2')],
    ['webp', 'webp/format.ts', webpFormat.openRaster, new Uint8Array(Buffer.from(webp.file, 'base64'))],
  ] as const)
    it(what, async () => {
      const source = `export { ${what} as open } from '../core/scenes/formats/${path}';`;
      const { text } = await bundle(source, { supported: { 'dynamic-import': false } });
      const module = { exports: {} as { open: OpenRaster | RasterFormat } };
      const wrapped = runInThisContext(`(function (module, require, __dirname, __filename) { ${text}\n})`);
      wrapped(module, createRequire(import.meta.url), '/nowhere', '/nowhere/bundle.cjs');
      const planes = [];
      const { open: bundled } = module.exports;
      for (const openRaster of ['openRaster' in bundled ? bundled.openRaster : bundled, open]) {
        const source = { key: 'a', size: file.length, range: rangesIn(file) };
        const { width, height, type, read } = await openRaster(source, { maxBlockBytes: 2 ** 20, cacheBytes: 0 });
        const window = { x: 0, y: 0, width: Math.min(64, width), height: Math.min(64, height) };
        const into = makeRasterValues(type, window.width * window.height);
        await read(window, [0], [into]);
        planes.push([...into]);
      }
      assert.deepEqual(planes[0], planes[1]);
      assert.ok(new Set(planes[0]).size > 1);
    });
});
