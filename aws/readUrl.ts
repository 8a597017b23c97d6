import { InvalidSceneFile } from '../core/base/errors.ts';
import { MAX_FETCHED_BYTES } from '../core/base/limits.ts';
import { readNoUrl } from '../core/doors/online/inboxImage.ts';
import { AddressRefused, checkedUrl, guardedGet, internet, type Network, named } from './guardedGet.ts';
import { readUpTo } from './readUpTo.ts';

export type ReadUrlOptions = {
  /** The hosts that may be asked, as in an address: `images.example.com`, or with a port. None: no address is read. */
  hosts: readonly string[];
  /** For all of it, redirects included. */
  seconds?: number;
  mostBytes?: number;
  /** Tests ask a server of this machine. */
  network?: Network;
};

const SECONDS = 10;

/** Makes the reader of images at addresses, guarded as in guardedGet.ts. Throws `InvalidSceneFile`, which begins with `where`. */
export function makeReadUrl(options: ReadUrlOptions): (url: string, where: string) => Promise<Uint8Array> {
  const { hosts, seconds = SECONDS, mostBytes = MAX_FETCHED_BYTES, network = internet } = options;
  if (hosts.length === 0) return readNoUrl;
  const allowed = hosts.map((host) => host.toLowerCase());

  return async (text, where) => {
    const signal = AbortSignal.timeout(seconds * 1000);
    const refuse = (what: string) => new InvalidSceneFile(`${where}.url: ${what}`);
    let host = '';
    try {
      const url = checkedUrl(text, allowed);
      host = named(url);
      const response = await guardedGet(url, network, { hosts: allowed, signal, headers: { accept: 'image/*' } });
      const { statusCode, headers } = response;
      const bytes = await readUpTo(statusCode === 200 ? mostBytes : 0, response);
      if (statusCode !== 200) throw refuse(`${host} answers ${statusCode}, allowed is 200 with a file of an image`);
      if (bytes.length <= mostBytes) return bytes;
      const found = headers['content-length'] ?? `more than ${mostBytes}`;
      throw refuse(`found ${found} bytes, allowed are at most ${mostBytes}. Send it as a file of its own`);
    } catch (error) {
      if (error instanceof InvalidSceneFile) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      if (error instanceof AddressRefused) throw refuse(message);
      if (signal.aborted) throw refuse(`${host} took longer than the ${seconds} s that are allowed`);
      throw refuse(`${host} cannot be read (${code ?? message})`);
    }
  };
}
