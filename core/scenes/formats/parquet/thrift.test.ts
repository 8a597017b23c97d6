import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { structEnd } from './thrift.ts';

describe('a struct ends', () => {
  for (const [what, bytes, end] of [
    ['at once', [0], 1],
    ['behind a number', [0x15, 0xc8, 1, 0, 9], 4],
    ['behind two booleans', [0x11, 0x12, 0], 3],
    ['behind a field whose number is written out', [0x05, 0xc8, 1, 2, 0], 5],
    ['behind eight bytes of a float', [0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0], 10],
    ['behind a text', [0x18, 2, 65, 66, 0], 5],
    ['behind a list of numbers', [0x19, 0x25, 1, 2, 0], 5],
    ['behind a list of booleans', [0x19, 0x21, 1, 2, 0], 5],
    ['behind a struct', [0x1c, 0x15, 2, 0, 0], 5],
    ['behind a list of structs', [0x19, 0x2c, 0, 0x15, 2, 0, 0], 7],
  ] as const)
    test(what, () => assert.equal(structEnd(Uint8Array.from(bytes), 0), end));
});

describe('undefined is returned for a struct', () => {
  for (const [what, bytes] of [
    ['that does not end', [0x15, 2]],
    ['of a text longer than what there is', [0x18, 9, 65, 0]],
    ['of a text of 2^35 bytes', [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0]],
    ['of a list of more entries than there are bytes', [0x19, 0xf5, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['of an unknown type', [0x1e, 0]],
    ['nested too deep', [...new Array(20).fill(0x1c), ...new Array(21).fill(0)]],
    ['of lists nested too deep', [0x19, ...new Array(20).fill(0x19), 0x05, 0]],
    ['of a number without an end', [0x15, ...new Array(11).fill(0x80), 0, 0]],
  ] as const)
    test(what, () => assert.equal(structEnd(Uint8Array.from(bytes), 0), undefined));
});

test('a struct may begin at any offset', () => {
  assert.equal(structEnd(Uint8Array.of(9, 9, 0x15, 2, 0), 2), 5);
});
