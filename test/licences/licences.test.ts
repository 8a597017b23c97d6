import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { webAssemblyInside } from '../../deployment/artifacts.ts';
import { developmentPackages, licenceProblems, shippedPackages } from './licences.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

const lockfile = JSON.stringify({
  packages: {
    '': { version: '1.0.0', license: 'MIT' },
    'node_modules/@scope/b': { version: '2.0.0', license: 'ISC' },
    'node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/a/node_modules/@scope/b': { version: '1.0.0' },
    'node_modules/only-for-tests': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
    'node_modules/for-a-mac': { version: '1.0.0', license: 'MIT', optional: true },
  },
});
const allowed = new Map([
  ['MIT', ''],
  ['ISC', ''],
]);

describe('the packages that ship', () => {
  test('are those of the lockfile that are not for development alone, those of other systems among them', () => {
    assert.deepEqual(
      shippedPackages(lockfile, () => undefined).map(({ name, version, licence }) => [name, version, licence]),
      [
        ['@scope/b', '2.0.0', 'ISC'],
        ['@scope/b', '1.0.0', null],
        ['a', '1.0.0', 'MIT'],
        ['for-a-mac', '1.0.0', 'MIT'],
      ],
    );
  });

  for (const { manifest, licence } of [
    { manifest: { license: 'GPL-3.0-only' }, licence: 'GPL-3.0-only' },
    { manifest: { licenses: [{ type: 'ISC', url: 'https://opensource.org/license/isc' }] }, licence: 'ISC' },
    { manifest: { licenses: [{ type: 'ISC' }, { type: 'GPL-3.0-only' }] }, licence: 'MIT' },
  ])
    test(`have the licence that they say themselves: ${JSON.stringify(manifest)}`, () => {
      const packages = shippedPackages(lockfile, (path) =>
        path === 'node_modules/a' ? JSON.stringify(manifest) : undefined,
      );
      assert.equal(packages.find(({ name }) => name === 'a')?.licence, licence);
    });

  test('are all that the functions bundle, the command line imports and the console shows', async () => {
    const entries = [...globSync('functions/*/handler.ts', { cwd: PROJECT }), 'cli/main.ts', 'local/stack/worker.ts'];
    const { metafile } = await build({
      absWorkingDir: PROJECT,
      entryPoints: [...entries, 'console/page/main.tsx'],
      bundle: true,
      write: false,
      splitting: true, // what several share is written once, which is a fraction of it
      treeShaking: false, // what is left out is loaded all the same
      metafile: true,
      outdir: 'nowhere',
      platform: 'node',
      format: 'esm',
      target: 'node24',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      loader: { '.node': 'empty' },
      plugins: [webAssemblyInside],
      external: ['@duckdb/node-bindings-*'], // a package for each platform, of which this one's is there
      logLevel: 'silent',
    });
    const used = new Set(Object.keys(metafile.inputs).flatMap((path) => packageOf(path) ?? []));
    assert.ok(used.has('@aws-sdk/client-dynamodb') && used.has('preact') && used.has('commander'));
    const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
    const shipped = new Set(shippedPackages(lock, () => undefined).map(({ name }) => name));
    assert.deepEqual(
      [...used].filter((name) => !shipped.has(name)),
      [],
    );
  });
});

test('the packages for development are all the others', () => {
  assert.deepEqual(
    developmentPackages(lockfile, () => undefined).map(({ name, licence }) => [name, licence]),
    [['only-for-tests', 'GPL-3.0-only']],
  );
  const lock = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');
  const nothing = () => undefined;
  const all = Object.keys(JSON.parse(lock).packages).length - 1;
  assert.equal(shippedPackages(lock, nothing).length + developmentPackages(lock, nothing).length, all);
});

describe('a licence', () => {
  const one = (licence: string | null) => [{ path: 'node_modules/a', name: 'a', version: '1.0.0', licence }];
  const exceptions = new Map([['a', { licence: '(MIT OR GPL-3.0-only)', why: 'a choice' }]]);

  for (const [licence, found] of [
    ['GPL-3.0-only', 'the licence GPL-3.0-only'],
    ['MIT AND GPL-3.0-only', 'the licence MIT AND GPL-3.0-only'],
    [null, 'no licence'],
  ] as const)
    test(`that is not allowed is reported, with what to do: ${licence}`, () => {
      assert.deepEqual(licenceProblems(one(licence), allowed, new Map()), [
        `a 1.0.0: found ${found}, allowed are MIT, ISC. Take another package, or say in test/licences/allowed.ts why it is well.`,
      ]);
    });

  test('that is not may be excepted, as long as it says the same', () => {
    assert.deepEqual(licenceProblems(one('(MIT OR GPL-3.0-only)'), allowed, exceptions), []);
    assert.match(
      licenceProblems(one('GPL-3.0-only'), allowed, exceptions)[0] ?? '',
      /^a 1\.0\.0: found the licence GPL/,
    );
  });

  test('that needs its exception no more says so', () => {
    const [problem, ...others] = licenceProblems(one('MIT'), allowed, exceptions);
    assert.match(problem ?? '', /^a: no package needs this exception any more/);
    assert.deepEqual(others, []);
  });
});

/** The package that a file of a bundle is from; undefined for our own. */
function packageOf(path: string): string | undefined {
  return /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
}
