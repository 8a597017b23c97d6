import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readParameters } from '../../deployment/defaults.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { modelsIn } from '../laptop/serve.ts';
import { inOrder } from './publishedVersions.ts';

const OWN = String(readParameters()['modelName']);
const VERSIONS = [`${OWN}/1.9.0`, `${OWN}/1.10.0`, `${OWN}/1.10.0-rc1`, 'other/1'];
const PACKAGES = Object.fromEntries(VERSIONS.map((version) => [`${version}/item.json`, '{}']));
const promoted = (version: string) => JSON.stringify({ version });
const OF_BOTH = { [`${OWN}/promoted.json`]: promoted('1.9.0'), 'other/promoted.json': promoted('1') };
const SERVING = { 'serving.json': JSON.stringify({ models: [{ name: OWN }] }) };

describe('what is live in a folder of packages', () => {
  for (const [what, files, ofService, live] of [
    ['without promotions is the latest version of each', {}, undefined, [`${OWN} 1.10.0`, 'other 1']],
    [
      'with a promotion is that',
      { [`${OWN}/promoted.json`]: promoted('1.9.0') },
      undefined,
      [`${OWN} 1.9.0`, 'other 1'],
    ],
    ['that says which are served is one of these', { ...OF_BOTH, ...SERVING }, undefined, [`${OWN} 1.9.0`]],
    ['that says so without a promotion is none', SERVING, undefined, []],
    ['of a data folder is nothing that nobody promoted', {}, true, []],
    ['of a data folder is its own model', OF_BOTH, true, [`${OWN} 1.9.0`]],
  ] as [string, Record<string, string>, boolean | undefined, string[]][])
    test(what, async () => {
      const folder = temporaryFolder();
      writePackages(folder, files);
      const { models } = await modelsIn(folder, ofService);
      const found = (await models.serving()).live.map(({ model: { name, version } }) => `${name} ${version}`);
      assert.deepEqual(found, live);
      const promotion = await models.promotion(OWN);
      assert.deepEqual(promotion && `${OWN} ${promotion.version}`, live[0] ?? null);
    });
});

test('swath serve of a data folder serves nothing that nobody promoted', async () => {
  const cwd = temporaryFolder();
  writePackages(join(cwd, '.swath/models'), {});
  const server = startSwath(['serve', '--port', '0', '--threads', '1', '--json'], cwd);
  after(() => server.kill('SIGKILL'));
  await server.says(/\n/);
  assert.deepEqual(jsonLines<{ live: string[] }>(server.output)[0]!.live, []);
});

test('versions come in order, and one before a release before it', () => {
  const versions = [
    '1.9.0',
    '1.10.0-1',
    '1.10.0-rc.2',
    '1.10.0-rc.10',
    '1.10.0',
    '1.10.0.1',
    '1.10.1',
    '2026.03.02-ab',
  ];
  assert.deepEqual(inOrder(versions.toReversed()), versions);
});

function writePackages(folder: string, more: Record<string, string>): void {
  for (const [file, text] of Object.entries({ ...PACKAGES, ...more })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}
