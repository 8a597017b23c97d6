import { createHash } from 'node:crypto';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The files that make up a version: all but its model card, which may be edited later. */
export type PackageContents = ReadonlyMap<string, Uint8Array>;

/**
 * Returns a digest of a package's files: the SHA-256 of the list of their SHA-256 sums, as computed in its folder by
 * `sha256sum item.json model.onnx reference.json sample.json | sha256sum`.
 */
export function packageDigest(contents: PackageContents): string {
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
  const lines = [...contents.keys()].sort().map((file) => `${sha256(contents.get(file)!)}  ${file}\n`);
  return `sha256:${sha256(lines.join(''))}`;
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}
