import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findBrowser, reasonToSkip } from './browser.ts';

const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

describe('the browser that the console is tested in', () => {
  for (const [name, environment, there, found] of [
    ['the one that is named', { CHROMIUM_PATH: '/x' }, ['/x', '/usr/bin/chromium'], '/x'],
    ['one on the search path', { PATH: '/a:/b' }, ['/b/google-chrome'], '/b/google-chrome'],
    ["Debian's, without a search path", {}, ['/usr/bin/chromium'], '/usr/bin/chromium'],
    ["a Mac's", { PATH: '/usr/bin' }, [MAC], MAC],
    ['none', { PATH: '/usr/bin', CHROMIUM_PATH: '' }, [], undefined],
  ] as [name: string, environment: Record<string, string>, there: string[], found: string | undefined][])
    test(name, () => {
      const isThere = (path: string) => there.includes(path);
      assert.equal(findBrowser(environment, isThere), found);
    });

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
