import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundlePage } from '../bundle.ts';

const MAX_BYTES = 400_000;
const PAGE = fileURLToPath(new URL('.', import.meta.url));

describe("the page's sources", () => {
  test('make a few hundred kB at most, which ask nobody else for anything', async () => {
    const { script, style } = await bundlePage();
    const bytes = Buffer.byteLength(script) + Buffer.byteLength(style);
    assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
    assert.doesNotMatch(style, /url\(|@import/);
    assert.doesNotMatch(script, /\bimport\s*\(|\bimport\s*["'{]/);
  });

  for (const file of globSync('**/*.{ts,tsx}', { cwd: PAGE, exclude: ['**/*.test.ts'] }))
    test(`${file} sets no text as HTML`, () => {
      const source = readFileSync(`${PAGE}/${file}`, 'utf8');
      assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write/i);
    });
});
