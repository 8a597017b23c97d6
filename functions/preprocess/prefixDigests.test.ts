import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { makePrefixDigests } from './prefixes.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the digests of a stream and of its beginnings are those of the bytes, however they come', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.array(fc.nat(80), { maxLength: 6 }),
      fc.array(fc.nat(63), { maxLength: 6 }),
      (bytes, lengths, cuts) => {
        const digests = makePrefixDigests(lengths);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
        for (const [i, edge] of edges.slice(1).entries()) digests.update(bytes.subarray(edges[i], edge));
        for (const length of lengths)
          assert.equal(digests.of(length), length <= bytes.length ? sha256(bytes.subarray(0, length)) : undefined);
        assert.equal(digests.digest(), sha256(bytes));
      },
    ),
  );
});

test('a length that was not asked for has no digest', () => {
  const digests = makePrefixDigests([2]);
  digests.update(new Uint8Array(4));
  assert.equal(digests.of(3), undefined);
});
