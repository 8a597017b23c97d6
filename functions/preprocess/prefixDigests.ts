import { createHash, type Hash } from 'node:crypto';

/**
 * Computes the SHA-256 (hexadecimal) of a stream, and of its prefixes of some lengths, in one pass.
 *
 * @param lengths in bytes, in any order
 */
export function makePrefixDigests(lengths: readonly number[]) {
  const hash = createHash('sha256');
  const waiting = [...new Set(lengths)].toSorted((one, other) => one - other);
  const digests = new Map<number, string>();
  let bytes = 0;

  function update(chunk: Uint8Array): void {
    let taken = 0;
    for (let next = waiting[0]; next !== undefined && next <= bytes + chunk.length; next = waiting[0]) {
      hash.update(chunk.subarray(taken, next - bytes));
      taken = next - bytes;
      digests.set(next, digestOf(hash.copy()));
      waiting.shift();
    }
    hash.update(chunk.subarray(taken));
    bytes += chunk.length;
  }

  return {
    update,
    /** The digest of the whole stream; ends it. */
    digest: () => digestOf(hash),
    /** The digest of the first bytes; undefined if that many have not come yet, or were not asked for. */
    of: (length: number): string | undefined => digests.get(length),
  };
}

function digestOf(hash: Hash): string {
  return hash.digest('hex');
}
