import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { structEnd } from './thrift.ts';

describe('a struct ends', () => {
  for (const { what, bytes, end } of [
    { what: 'at once', bytes: [0], end: 1 },
    { what: 'behind a number', bytes: [0x15, 0xc8, 1, 0, 9], end: 4 },
    { what: 'behind two booleans', bytes: [0x11, 0x12, 0], end: 3 },
    { what: 'behind a field whose number is written out', bytes: [0x05, 0xc8, 1, 2, 0], end: 5 },
    { what: 'behind eight bytes of a float', bytes: [0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0], end: 10 },
    { what: 'behind a text', bytes: [0x18, 2, 65, 66, 0], end: 5 },
    { what: 'behind a list of numbers', bytes: [0x19, 0x25, 1, 2, 0], end: 5 },
    { what: 'behind a list of booleans', bytes: [0x19, 0x21, 1, 2, 0], end: 5 },
    { what: 'behind a struct', bytes: [0x1c, 0x15, 2, 0, 0], end: 5 },
    { what: 'behind a list of structs', bytes: [0x19, 0x2c, 0, 0x15, 2, 0, 0], end: 7 },
  ])
    test(what, () => assert.equal(structEnd(Uint8Array.from(bytes), 0), end));
});

describe('undefined is returned for a struct', () => {
  for (const { what, bytes } of [
    { what: 'that does not end', bytes: [0x15, 2] },
    { what: 'of a text longer than what there is', bytes: [0x18, 9, 65, 0] },
    { what: 'of a text of 2^35 bytes', bytes: [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0] },
    { what: 'of a list of more entries than there are bytes', bytes: [0x19, 0xf5, 0xff, 0xff, 0xff, 0x0f, 0] },
    { what: 'of an unknown type', bytes: [0x1e, 0] },
    { what: 'nested too deep', bytes: [...new Array(20).fill(0x1c), ...new Array(21).fill(0)] },
    { what: 'of lists nested too deep', bytes: [0x19, ...new Array(20).fill(0x19), 0x05, 0] },
    { what: 'of a number without an end', bytes: [0x15, ...new Array(11).fill(0x80), 0, 0] },
  ])
    test(what, () => assert.equal(structEnd(Uint8Array.from(bytes), 0), undefined));
});

test('a struct may begin at any offset', () => {
  assert.equal(structEnd(Uint8Array.of(9, 9, 0x15, 2, 0), 2), 5);
});
