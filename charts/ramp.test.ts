import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rampColour, rampCss } from './ramp.ts';

test('a ramp goes from dark to light, and goes on as it ends', () => {
  assert.deepEqual(rampColour(0), [0x44, 0x01, 0x54]);
  assert.deepEqual(rampColour(1), [0xfd, 0xe7, 0x25]);
  assert.deepEqual(rampColour(0.5), [0x21, 0x91, 0x8c]);
  assert.deepEqual([rampColour(-3), rampColour(7)], [rampColour(0), rampColour(1)]);
  assert.equal(rampCss(1 / 16), 'rgb(70 23 104)');
});
