import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findBrowser, reasonToSkip } from './browser.ts';

const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

describe('the browser that the console is tested in', () => {
  const PLACES: { name: string; environment: Record<string, string>; there: string[]; found: string | undefined }[] = [
    {
      name: 'the one that is named',
      environment: { CHROMIUM_PATH: '/x' },
      there: ['/x', '/usr/bin/chromium'],
      found: '/x',
    },
    {
      name: 'one on the search path',
      environment: { PATH: '/a:/b' },
      there: ['/b/google-chrome'],
      found: '/b/google-chrome',
    },
    {
      name: "Debian's, without a search path",
      environment: {},
      there: ['/usr/bin/chromium'],
      found: '/usr/bin/chromium',
    },
    { name: "a Mac's", environment: { PATH: '/usr/bin' }, there: [MAC], found: MAC },
    { name: 'none', environment: { PATH: '/usr/bin', CHROMIUM_PATH: '' }, there: [], found: undefined },
  ];
  for (const { name, environment, there, found } of PLACES)
    test(name, () =>
      assert.equal(
        findBrowser(environment, (path) => there.includes(path)),
        found,
      ),
    );

  test('a named one that is not there is an error, and not another browser', () => {
    assert.throws(
      () => findBrowser({ CHROMIUM_PATH: '/x' }, (path) => path === '/usr/bin/chromium'),
      /^Error: CHROMIUM_PATH is \/x, and there is no such file\.$/,
    );
  });

  test('without one the suite is skipped with the reason, or fails where it must run', () => {
    assert.match(String(reasonToSkip(undefined, {})), /^no browser: .* was not tested\.$/);
    assert.throws(() => reasonToSkip(undefined, { SWATH_BROWSER: 'required' }), /"required", and there is no browser/);
    assert.equal(reasonToSkip('/x', { SWATH_BROWSER: 'required' }), false);
  });
});
