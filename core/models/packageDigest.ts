import { createHash } from 'node:crypto';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The files that make up a version: all but its model card, which may be edited later. */
export type PackageContents = ReadonlyMap<string, Uint8Array>;

/** The SHA-256 of each file of a version, hexadecimal, by name. */
export type FileDigests = { readonly [file: string]: string };

export function fileDigests(contents: PackageContents): FileDigests {
  return Object.fromEntries([...contents].map(([file, bytes]) => [file, sha256(bytes)]));
}

/**
 * Returns a digest of a package's files: the SHA-256 of the list of their SHA-256 sums, as computed in its folder by
 * `sha256sum item.json model.onnx reference.json sample.json | sha256sum`.
 */
export function packageDigest(files: FileDigests): string {
  const lines = Object.keys(files)
    .sort()
    .map((file) => `${files[file]}  ${file}\n`);
  return `sha256:${sha256(lines.join(''))}`;
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}
