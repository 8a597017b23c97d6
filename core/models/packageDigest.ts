import { createHash } from 'node:crypto';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** A file of a package that a version is made of: all but its model card, which may be mended. */
export type PackageContents = ReadonlyMap<string, Uint8Array>;

/**
 * What a package's files are, in one line: the SHA-256 of the list of their SHA-256, as in its folder
 * `sha256sum item.json model.onnx reference.json sample.json | sha256sum` has it.
 */
export function packageDigest(contents: PackageContents): string {
  const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
  const lines = [...contents.keys()].sort().map((file) => `${sha256(contents.get(file)!)}  ${file}\n`);
  return `sha256:${sha256(lines.join(''))}`;
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}
