import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FUNCTIONS, STAGE_FUNCTIONS } from '../../core/base/functions.ts';
import { FORMER_BYTES, strangersIn } from './bundles/contents.ts';
import { modulesOf } from './bundles/modules.ts';
import type { Packaged } from './package.ts';

/** What each function's bundle is made of, and how large its artifact is. */
export function checkBundles(packaged: Packaged): void {
  describe('the bundle of', () => {
    for (const name of FUNCTIONS)
      it(`${name} holds nothing that costs a cold start and that only other functions need`, async () => {
        assert.deepEqual(strangersIn(name, modulesOf(await packaged.metafile(name))), []);
      });
  });

  describe('the artifact of', () => {
    for (const name of STAGE_FUNCTIONS)
      it(`${name} is at most a twentieth larger than it was`, async () => {
        const { length } = await packaged.artifact(name);
        assert.ok(length <= 1.05 * FORMER_BYTES[name], `${length} bytes, ${FORMER_BYTES[name]} then`);
      });
  });
}
