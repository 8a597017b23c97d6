import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../../test/swath.ts';
import { sentName } from './sentName.ts';

describe('a file is sent under its own name, but for a request that is called as other JSON', () => {
  const folder = temporaryFolder();
  const request = '{"id": "r-17", "inputs": [{"values": [1]}]}';
  for (const [name, content, sent] of [
    ['r-17.json', request, 'r-17.request.json'],
    ['R.JSON', request, 'R.request.json'],
    ['r-17.request.json', request, 'r-17.request.json'],
    ['mixer.json', '{"projection": {}}', 'mixer.json'],
    ['empty.json', '', 'empty.json'],
    ['r-17.txt', request, 'r-17.txt'],
    ['r-17', request, 'r-17'],
    ['a.stac.json', request, 'a.stac.json'],
  ] as const)
    test(name, () => {
      writeFileSync(join(folder, name), content);
      assert.equal(sentName(join(folder, name)), sent);
    });

  test('none that cannot be read', () => {
    mkdirSync(join(folder, 'folder.json'));
    for (const name of ['folder.json', 'missing.json']) assert.equal(sentName(join(folder, name)), name);
  });
});
