import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileOf, recordedReleases } from './release.ts';

/** That there is something to hold this release to. */

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const released = [...read('CHANGELOG.md').matchAll(/^## (\S+)$/gm)].map(([, version]) => version!);

test('the changelog begins with the version in package.json, and so does the lockfile', () => {
  const { version } = JSON.parse(read('package.json'));
  assert.equal(released[0], version);
  assert.equal(JSON.parse(read('package-lock.json')).version, version);
});

test('the newest release is recorded before the version is raised, by npx node test/releases/record.ts', () => {
  const newest = released[1] ?? released[0]!;
  assert.ok(existsSync(fileOf(newest)), `test/releases/${newest}.json is missing`);
});

test('a recorded release is what its file says', () => {
  for (const { version } of recordedReleases()) {
    assert.ok(existsSync(fileOf(version)));
    assert.ok(released.includes(version));
  }
});
