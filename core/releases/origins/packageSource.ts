import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge } from '../../base/errors.ts';
import type { ReadObject } from '../../base/objectStore.ts';
import type { ReadPackageFile } from '../../package/packageFile.ts';

/** A web server's response: the whole body for status 200, else its beginning. */
export type HttpAnswer = { readonly status: number; readonly bytes: Uint8Array };

export type HttpGetOptions = {
  /** The value of the Authorization header. It is only sent to this host. */
  readonly authorization?: string | undefined;
  /** The largest accepted body; no more is read. */
  readonly mostBytes: number;
  /** Whether redirects are followed; never with an authorization. */
  readonly mayRedirect?: boolean;
};

/**
 * Requests an address that this service's own operator has named.
 * @throws {InvalidModelPackage} when the address may not be requested this way, or redirects where it must not
 * @throws {ObjectTooLarge} when the body exceeds the limit
 * @throws {TransientTrouble} when there is no response, or one with status 429 or 5xx
 */
export type HttpGet = (url: URL, options: HttpGetOptions) => Promise<HttpAnswer>;

/** Where a package can be read: a description of the place for people, and a reader of its files by name. */
export type PackageSource = { readonly where: string; readonly readFile: ReadPackageFile };

export function filesUnder(read: ReadObject, prefix: string): ReadPackageFile {
  return (file, limit) => read(`${prefix}${file}`, limit);
}

/** Reads the files of a package from a web server. A file's address is the folder's plus its name, which is a safe one. */
export function filesAt(get: HttpGet, folder: URL): ReadPackageFile {
  return async (file, limit = Number.POSITIVE_INFINITY) => {
    const url = new URL(file, folder);
    const { status, bytes } = await get(url, { mostBytes: limit, mayRedirect: true });
    if (status === 404 || status === 410) throw new ObjectNotFound(`${url.href} does not exist.`);
    if (status !== 200)
      throw new InvalidModelPackage(`${file}: ${url.host} answers ${status}, allowed is 200 with the file`);
    return bytes;
  };
}

/** Reads each file only once, so that what was checked is what is published, even if the source changes meanwhile. */
export function readingOnce(readFile: ReadPackageFile): ReadPackageFile {
  const read = new Map<string, ReturnType<ReadPackageFile>>();
  return async (file, limit = Number.POSITIVE_INFINITY) => {
    const reading = read.get(file) ?? readFile(file, limit);
    read.set(file, reading);
    const bytes = await reading;
    if (bytes.length > limit) throw new ObjectTooLarge(file, bytes.length, limit);
    return bytes;
  };
}
