import { hash } from 'node:crypto';
import * as z from 'zod';
import { attempt, InvalidModelPackage, insteadOf } from '../base/errors.ts';
import { publicationKey } from '../base/keys.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../base/limits.ts';
import type { ModelRef } from '../base/messages.ts';
import type { ReadObject } from '../base/objectStore.ts';

/** What was published as a version, and from where: recorded before the files, and compared with them by whoever loads it. */

const schema = z
  .object({
    /** The origin as it was given, such as `mlflow:drought@champion`; null for a folder, or what was found in the bucket. */
    from: z.string().nullable(),
    /** What it pointed to then, such as `mlflow:drought/3`. */
    where: z.string().nullable(),
    at: z.iso.datetime(),
    digest: z.string(),
    files: z.record(z.string(), z.string()),
    /** Whether all files are written; until then, the version is not to be read. */
    isWhole: z.boolean(),
  })
  .refine(({ digest, files }) => packageDigest(files) === digest, 'the digest is that of the files');

export type Publication = z.infer<typeof schema>;

/** The model card is optional, and may be edited after a version was published. */
export const CARD = 'README.md';

export function publicationOf(files: FileDigests, at: Date, from: string | null, where: string | null): Publication {
  return { from, where, at: at.toISOString(), digest: packageDigest(files), files, isWhole: false };
}

export const encodePublication = (publication: Publication): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(publication)}\n`);

/** Throws `InvalidModelPackage` for anything but a record. */
export function parsePublication(model: ModelRef, bytes: Uint8Array): Publication {
  const message = `${publicationKey(model)}: found no record of a publication. ${REMEDY}`;
  const invalid = insteadOf(Error, (cause) => new InvalidModelPackage(message, { cause }));
  return attempt(() => schema.parse(JSON.parse(new TextDecoder().decode(bytes))), invalid);
}

/** Throws `ObjectNotFound` if nothing was published as that version, and `InvalidModelPackage` for a damaged record. */
export const readPublication = async (read: ReadObject, model: ModelRef): Promise<Publication> =>
  parsePublication(model, await read(publicationKey(model), MAX_PACKAGE_TEXT_BYTES));

export const REMEDY =
  'Published versions never change: publish this one again from where it came, which puts its files back, or the changed package under a new version.';

/** The SHA-256 of each file of a version, hexadecimal, by name. */
type FileDigests = { readonly [file: string]: string };

/** Of the files that make up a version: all but its model card, which may be edited later. */
export const fileDigests = (contents: ReadonlyMap<string, Uint8Array>): FileDigests =>
  Object.fromEntries([...contents].map(([file, bytes]) => [file, hash('sha256', bytes)]));

/**
 * Returns a digest of a package's files: the SHA-256 of the list of their SHA-256 sums, as computed in its folder by
 * `sha256sum item.json model.onnx reference.json sample.json | sha256sum`.
 */
export function packageDigest(files: FileDigests): string {
  const lines = Object.keys(files)
    .sort()
    .map((file) => `${files[file]}  ${file}\n`);
  return `sha256:${hash('sha256', lines.join(''))}`;
}

export const isDigest = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text);
