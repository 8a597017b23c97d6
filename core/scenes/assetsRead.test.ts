import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ObjectNotFound } from '../base/errors.ts';
import { makeAssetsRead } from './assetsRead.ts';

/** Files of so many bytes whose content is their address, and what was done. */
function assetsRead(between = async () => {}) {
  const closed: string[] = [];
  const assets = makeAssetsRead(
    async (href) => ({
      key: href,
      size: href.length,
      digest: async () => href,
      range: async () => new Uint8Array(),
      close: () => void closed.push(href),
    }),
    between,
  );
  return { ...assets, closed };
}

test('a scene that names no file has its own digest', async () => {
  assert.equal(await assetsRead().digest('own'), 'own');
  const none = makeAssetsRead(undefined, async () => {});
  assert.deepEqual([none.asset, await none.digest('own')], [undefined, 'own']);
});

test('the digest is another for another scene, and for another content or order of its files', async () => {
  const digests = [];
  for (const [own, hrefs] of [
    ['own', ['a', 'b']],
    ['other', ['a', 'b']],
    ['own', ['a', 'c']],
    ['own', ['b', 'a']],
    ['own', ['a']],
  ] as const) {
    const { asset, digest } = assetsRead();
    for (const href of hrefs) await asset!(href);
    digests.push(await digest(own));
  }
  assert.equal(new Set(digests).size, digests.length);
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/);
});

test('the digest tells which of the files were not there, in whatever order the others are opened', async () => {
  const digestOf = async (missing: string) => {
    const { asset, digest } = makeAssetsRead(
      async (href) => {
        if (href === missing) throw new ObjectNotFound(href);
        if (href === 'a') await setImmediate();
        return { key: href, size: 1, digest: async () => '1', range: async () => new Uint8Array(), close: () => {} };
      },
      async () => {},
    );
    await Promise.allSettled(['a', 'b', 'c'].map((href) => asset!(href)));
    return digest('own');
  };
  const digests = await Promise.all(['', 'a', 'b', 'c', 'b'].map(digestOf));
  assert.equal(new Set(digests).size, 4);
  assert.equal(digests[2], digests[4]);
});

test('the run is seen to before each file is opened and each time that one is read, and all are closed', async () => {
  let times = 0;
  const { asset, close, closed } = assetsRead(async () => {
    times += 1;
  });
  const { range } = await asset!('a');
  await asset!('b');
  await range(0, 1);
  assert.equal(times, 3);
  close();
  assert.deepEqual(closed, ['a', 'b']);
});
