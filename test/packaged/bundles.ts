import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FUNCTIONS, STAGE_FUNCTIONS } from '../../core/base/functions.ts';
import { CONTENTS, FORMER_BYTES, heldBy } from './bundles/contents.ts';
import { modulesOf } from './bundles/modules.ts';
import type { Packaged } from './package.ts';

/** What each function's bundle is made of, and how large its artifact is. */
export function checkBundles(packaged: Packaged): void {
  describe('the bundle of', () => {
    for (const name of FUNCTIONS)
      it(`${name} holds what the function needs, and nothing else`, async () => {
        const held = heldBy(modulesOf(await packaged.metafile(name)));
        assert.deepEqual(held.get(undefined) ?? [], [], 'of which test/packaged/bundles/contents.ts says nothing');
        for (const part of CONTENTS) {
          const found = held.get(part) ?? [];
          if (!part.in.includes(name)) assert.deepEqual(found, [], `${name} has no use for ${part.what}`);
          else assert.notEqual(found.length, 0, `${name} needs nothing of ${part.what}: take it out of the table`);
        }
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
