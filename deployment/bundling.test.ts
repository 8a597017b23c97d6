import assert from 'node:assert/strict';
import { it } from 'node:test';
import { build } from 'esbuild';
import { plugins, withPlainNames } from './bundling.ts';

it('a computed name of a field becomes the constant that it is made of, and any other stays', () => {
  const text = 'const _h = "http";\nconst _n = 1;\nexport var a = { [_h]: ["GET"], [_n]: 2, [_other]: 3, b: [_h] };';
  assert.equal(
    withPlainNames(text),
    'const _h = "http";\nconst _n = 1;\nexport var a = { "http": ["GET"], [_n]: 2, [_other]: 3, b: [_h] };',
  );
});

it('of a client stays what is asked for, and it has its credentials from the environment alone', async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: "export { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';",
      resolveDir: import.meta.dirname,
    },
    ...{ bundle: true, minify: true, write: false, metafile: true, platform: 'node', format: 'cjs', plugins },
    mainFields: ['module', 'main'],
  });
  const text = outputFiles[0]!.text;
  const named = ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY', 'CreateBucketRequest', 'AssumeRole'];
  assert.deepEqual(
    named.filter((name) => text.includes(name)),
    ['GetObjectRequest', 'AWS_SECRET_ACCESS_KEY'],
  );
  const { inputs } = Object.values(metafile.outputs)[0]!;
  const providers = Object.keys(inputs).flatMap(
    (path) => /node_modules\/.*(credential-provider-[\w-]+)/.exec(path)?.[1] ?? [],
  );
  assert.deepEqual([...new Set(providers)], ['credential-provider-env']);
});
