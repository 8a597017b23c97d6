import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeTestResults } from '../../test/benches/results.ts';
import { InvalidModelPackage, NotPromotable, TransientTrouble } from '../base/errors.ts';
import { SERVING_KEY } from '../base/keys.ts';
import type { ReplaceVersion } from '../base/objectStore.ts';
import { changeServing } from './changeServing.ts';
import { livingAs } from './models.ts';
import { parseServing, withoutServed, withServed } from './serving.ts';

const at = new Date('2026-03-01T10:00:00.000Z');
const since = at.toISOString();
const promotion = async () => livingAs({ name: 'wheat', version: '1.0.0' });

function makeBench(more: { promotion?: () => Promise<null>; replaceVersion?: ReplaceVersion } = {}) {
  const { objects, put, ports } = makeTestResults();
  const models = { promotion: more.promotion ?? promotion };
  const change = (edit: Parameters<typeof changeServing>[3]) =>
    changeServing({ ...ports, ...more }, models, 'wheat', edit);
  const serve = (name: string, accepts: string[] | undefined, at: Date) =>
    change((served) => withServed(served, name, accepts, at));
  const retire = (name: string) => change((served) => withoutServed(served, name));
  return { serve, retire, put, ports, stored: () => parseServing(objects.get(SERVING_KEY)!.bytes) };
}

describe('the list of live models', () => {
  test("begins with the stage's own model, if one of its versions is promoted", async () => {
    const { serve, stored } = makeBench();
    await serve('fire', ['south/*'], at);
    assert.deepEqual(stored(), [
      { name: 'wheat', accepts: ['*'], since: null },
      { name: 'fire', accepts: ['south/*'], since },
    ]);
    const alone = makeBench({ promotion: async () => null });
    await alone.serve('fire', undefined, at);
    assert.deepEqual(alone.stored(), [{ name: 'fire', accepts: ['*'], since }]);
  });

  test('loses a model, and has it back', async () => {
    const { serve, retire, stored } = makeBench();
    await serve('fire', undefined, at);
    assert.deepEqual(await retire('fire'), stored());
    assert.deepEqual(
      stored().map(({ name }) => name),
      ['wheat'],
    );
    await assert.rejects(retire('wheat'), NotPromotable);
    await serve('fire', undefined, at);
    assert.equal(stored().length, 2);
  });

  test('has all changes that are made at the same time', async () => {
    const bench = makeBench();
    await Promise.all(['fire', 'flood', 'maize'].map((name) => bench.serve(name, undefined, at)));
    const names = bench.stored().map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ['fire', 'flood', 'maize', 'wheat']);
  });

  test('is given up with a transient error if other writers are always faster', async () => {
    let tries = 0;
    const replaceVersion = async () => {
      tries += 1;
      return null;
    };
    const { serve } = makeBench({ replaceVersion });
    await assert.rejects(serve('fire', undefined, at), TransientTrouble);
    assert.equal(tries, 10);
  });

  test('is not overwritten if it cannot be read', async () => {
    const { serve, put } = makeBench();
    put(SERVING_KEY, new TextEncoder().encode('wheat'));
    await assert.rejects(serve('fire', undefined, at), InvalidModelPackage);
  });
});
