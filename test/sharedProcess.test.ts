import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../', import.meta.url));

/** Thousands of tests share a process (test/units): outside of a `describe`, a hook of one file runs around each of them. */
test('what a file does before and after each of its tests stands in a describe', () => {
  const files = globSync('**/*.test.ts', { cwd: PROJECT, exclude: ['node_modules/**'] });
  const around = files.filter((file) => /^(before|after)Each\(/m.test(readFileSync(`${PROJECT}${file}`, 'utf8')));
  assert.ok(files.length > 100, `found ${files.length} files`);
  assert.deepEqual(around, []);
});
