import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytes, count, counted, degrees, minute, NONE, orNone, pValue } from './format.ts';

describe('numbers and times in words', () => {
  const WRITTEN: [written: string, text: string][] = [
    [count(12345), '12,345'],
    [counted(1, 'chip'), '1 chip'],
    [counted(0, 'chip'), '0 chips'],
    [counted(2, 'parts list', 'lists of parts'), '2 lists of parts'],
    [bytes(0), '0 B'],
    [bytes(999), '999 B'],
    [bytes(1000), '1.0 kB'],
    [bytes(9_723_456), '9.7 MB'],
    [bytes(23_000_000_000), '23 GB'],
    [bytes(5e15), '5000 TB'],
    [pValue(0), '< 0.001'],
    [pValue(0.0312), '0.031'],
    [minute('2026-04-01T14:05:59.000Z'), '2026-04-01 14:05'],
    [degrees([-8.97187, 52.73884]), '52.7388° N, 8.9719° W'],
    [degrees([38.1, -2.7]), '2.7000° S, 38.1000° E'],
    [degrees([180.5, 0]), '0.0000° N, 179.5000° W'],
    [orNone(null, count), NONE],
    [orNone(0, count), '0'],
  ];
  for (const [written, text] of WRITTEN) test(text, () => assert.equal(written.replaceAll('\u00a0', ' '), text));
});
