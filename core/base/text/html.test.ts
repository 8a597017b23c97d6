import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { html } from './html.ts';

describe('HTML', () => {
  test('escapes whatever could end a text or an attribute', () => {
    assert.equal(html`${`&<>"'`}`.html, '&amp;&lt;&gt;&quot;&#39;');
  });

  test('spells out characters that are invisible or change the writing direction', () => {
    assert.equal(html`${'a\u0000b\n\u202ecod.exe\u200b\ud800'}`.html, 'a\\u0000b\\u000a\\u202ecod.exe\\u200b\\ud800');
  });

  test('renders null, undefined, false and empty values as nothing', () => {
    assert.equal(html`<p>${null}${undefined}${false}${''}${[]}${0}</p>`.html, '<p>0</p>');
  });

  test('inserts numbers, other HTML and lists of HTML unescaped', () => {
    const rows = ['<1>', '2'].map((one) => html`<li>${one}</li>`);
    assert.equal(html`<ul>${rows}</ul>${html`<b>${0}</b>`}`.html, '<ul><li>&lt;1&gt;</li><li>2</li></ul><b>0</b>');
  });
});
