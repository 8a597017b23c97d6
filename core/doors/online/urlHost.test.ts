import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlHost } from './urlHost.ts';

test('a host is normalised as in URLs, and anything but a host is undefined', () => {
  for (const [text, host] of [
    ['images.example.com', 'images.example.com'],
    ['Images.Example.COM', 'images.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['example.com:8443', 'example.com:8443'],
    ['example.com:443', 'example.com'],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['', undefined],
    ['https://example.com', undefined],
    ['example.com/images', undefined],
    ['user@example.com', undefined],
    ['example.com?a', undefined],
    ['*.example.com', undefined],
    ['a b', undefined],
    ['a.example.com,b.example.com', undefined],
  ] as const)
    assert.equal(urlHost(text), host, text);
});
