import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { FUNCTIONS } from '../../core/base/functions.ts';
import { START_BYTES, strangersIn } from './bundles/contents.ts';
import { modulesOf, readAtStart } from './bundles/modules.ts';
import type { Packaged } from './package.ts';
import { readZip } from './zip.ts';

/** What each function's bundle is made of, and how much of it is read at each cold start. */
export function checkBundles(packaged: Packaged): void {
  describe('the bundle of', () => {
    for (const name of FUNCTIONS)
      it(`${name} holds nothing that costs a cold start and that only other functions need`, async () => {
        assert.deepEqual(strangersIn(name, modulesOf(await packaged.metafile(name))), []);
      });
  });

  describe('what is read at the start of', () => {
    for (const [name, bytes] of Object.entries(START_BYTES))
      it(`${name} is at most a twentieth larger than it was`, async () => {
        const files = readAtStart(await packaged.metafile(name)).map((file) => `functions/${name}/${file}`);
        const found = readZip(await packaged.artifact(name)).filter((entry) => files.includes(entry.name));
        assert.equal(found.length, files.length);
        const length = found.reduce((sum, entry) => sum + deflateRawSync(entry.bytes()).length, 0);
        assert.ok(length <= 1.05 * bytes, `${length} bytes, ${bytes} then`);
      });
  });
}
