import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { runInThisContext } from 'node:vm';
import { type BuildOptions, build } from 'esbuild';
import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import { plugins, withPlainNames } from './bundling.ts';

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
    ...{ bundle: true, minify: true, write: false, metafile: true, platform: 'node', format: 'cjs', plugins },
    mainFields: ['module', 'main'],
    ...options,
  });
  const used = Object.values(metafile.outputs)[0]!.inputs;
  const later = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.flatMap(({ kind, path }) => (kind === 'dynamic-import' && !path.startsWith('nothing:') ? [path] : [])),
  );
  return {
    text: outputFiles[0]!.text,
    inputs: Object.keys(used).filter((path) => used[path]!.bytesInOutput > 0),
    imports: later,
  };
}

it('of a client stays what is asked for, and it has its credentials from the environment alone', async () => {
  const { text, inputs } = await bundle("export { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';");
  const named = ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY', 'CreateBucketRequest', 'AssumeRole'];
  assert.deepEqual(
    named.filter((name) => text.includes(name)),
    ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY'],
  );
  const providers = inputs.flatMap((path) => /node_modules\/.*(credential-provider-[\w-]+)/.exec(path)?.[1] ?? []);
  assert.deepEqual([...new Set(providers)], ['credential-provider-env']);
});

it('of a client nothing waits for the moment when it is needed, so that what nobody needs can go', async () => {
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
  const module: { exports: { config?: { jitless?: boolean } } } = { exports: {} };
  runInThisContext(`(module, require) => {${text}}`)(module, createRequire(import.meta.url));
  assert.equal(module.exports.config?.jitless, true);
});

it('WebAssembly works inside of a bundle, without a file beside it', async () => {
  const source = "export { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';";
  const { text } = await bundle(source, { supported: { 'dynamic-import': false } });
  const module = { exports: {} as { openGeoTiff: typeof openGeoTiff } };
  const wrapped = runInThisContext(`(function (module, require) { ${text}\n})`);
  wrapped(module, createRequire(import.meta.url));
  const file = readFileSync(new URL('../core/scenes/formats/geotiff/fixtures/be_cog.tiff', import.meta.url));
  const range = async (offset: number, length: number) => new Uint8Array(file.subarray(offset, offset + length));
  const limits = { maxBlockBytes: 2 ** 20, cacheBytes: 0 };
  const planes = [];
  for (const open of [module.exports.openGeoTiff, openGeoTiff]) {
    const picture = await open({ key: 'a', size: file.length, range }, limits);
    const into = [0, 1, 2].map(() => new Uint8Array(64 * 64));
    await picture.read({ x: 0, y: 0, width: 64, height: 64 }, [0, 1, 2], into);
    planes.push(into);
  }
  assert.deepEqual(planes[0], planes[1]);
});
