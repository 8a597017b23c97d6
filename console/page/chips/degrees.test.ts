import assert from 'node:assert/strict';
import { test } from 'node:test';
import { degrees } from './degrees.ts';

for (const { at, text } of [
  { at: [-8.97187, 52.73884], text: '52.7388° N, 8.9719° W' },
  { at: [38.1, -2.7], text: '2.7000° S, 38.1000° E' },
  { at: [180.5, 0], text: '0.0000° N, 179.5000° W' },
] as const)
  test(text, () => assert.equal(degrees(at), text));
