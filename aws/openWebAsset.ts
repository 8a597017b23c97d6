import type { IncomingHttpHeaders } from 'node:http';
import { Agent } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { InvalidSceneFile, ObjectNotFound, TransientTrouble } from '../core/base/errors.ts';
import { shownAddress } from '../core/base/text/webAddress.ts';
import type { OpenAt } from '../core/scenes/formats/stacItem/assetAt.ts';
import { AddressRefused, guardedGet, internet } from './guardedGet.ts';
import { makeSign, tokenIn } from './planetaryComputer.ts';
import { readUpTo } from './readUpTo.ts';
import { secondsToWait } from './retryAfter.ts';

/** For one request. A run's lease is renewed before each range, and outlives all tries of one. */
const SECONDS = 30;
const TRIES = 4;
const MOST_WAIT_SECONDS = 20;
/** As many as the reader of GeoTIFFs asks for first. */
const FIRST_BYTES = 32 * 1024;

const pause = (milliseconds: number): Promise<void> => setTimeout(milliseconds);

type Request = { hosts: readonly string[]; headers: Record<string, string>; most: number };
type Answer = { status: number; headers: IncomingHttpHeaders; bytes: Uint8Array };
type Version = { size: number; tag: string };

/**
 * Makes what opens files at web addresses, and reads them by ranges. Each is held fast by its strong entity tag, or else the time of
 * its last change; by that and its size its content is known. Messages cite no query: it may be a signature.
 */
export function makeOpenWebAsset({ network = internet, seconds = SECONDS, wait = pause } = {}): OpenAt<URL> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 }); // as the SDK's to S3
  const sign = makeSign((url, hosts) => ask(url, { hosts, headers: {}, most: 65_536 }, ({ bytes }) => tokenIn(bytes)));

  /** Asks again after what may pass: where `take` throws an error that is none of OURS, too. */
  async function ask<Taken>(url: URL, { most, ...request }: Request, take: (answer: Answer) => Taken): Promise<Taken> {
    const what = shownAddress(url.href);
    for (let tries = 1; ; tries += 1) {
      let trouble: string;
      let after = 2 ** tries * (0.1 + 0.1 * Math.random());
      const signal = AbortSignal.timeout(seconds * 1000);
      try {
        const response = await guardedGet(url, network, { ...request, signal, agent });
        const { statusCode: status = 0, headers } = response;
        const bytes = await readUpTo(most, response);
        if (status !== 429 && status < 500) return take({ status, headers, bytes });
        trouble = `answers ${status}`;
        after = secondsToWait(headers['retry-after']) || after;
      } catch (error) {
        if (OURS.some((kind) => error instanceof kind)) throw error;
        const { code, message } = error as NodeJS.ErrnoException;
        if (error instanceof AddressRefused) throw new InvalidSceneFile(`${what}: ${message}`);
        trouble = signal.aborted ? `took longer than ${seconds} s` : `cannot be read (${code ?? message})`;
      }
      if (tries === TRIES) throw new TransientTrouble(`${what} ${trouble}, ${TRIES} times.`);
      await wait(1000 * Math.min(after, MOST_WAIT_SECONDS));
    }
  }

  return async (url, hosts) => {
    const key = shownAddress(url.href);
    const read = async (offset: number, end: number, held?: Version) => {
      const condition = held && { [held.tag.startsWith('"') ? 'if-match' : 'if-unmodified-since']: held.tag };
      const headers = { range: `bytes=${offset}-${end - 1}`, ...condition };
      const take = (answer: Answer) => rangeOf(answer, key, [offset, end], held);
      return ask(await sign(url, hosts), { hosts, headers, most: end - offset }, take);
    };
    const { bytes: first, version } = await read(0, FIRST_BYTES);
    const { size, tag } = version;
    return {
      key,
      size,
      digest: async () => tag,
      async range(offset, length) {
        const end = Math.min(offset + length, size);
        if (end <= Math.max(offset, first.length)) return first.slice(offset, end);
        return (await read(offset, end, version)).bytes;
      },
      close: () => {},
    };
  };
}

export const openWebAsset = makeOpenWebAsset();

const OURS = [InvalidSceneFile, ObjectNotFound, TransientTrouble];

/** Returns an answer's bytes, which are those of a range of the file that is held. */
function rangeOf(answer: Answer, what: string, [offset, end]: readonly [number, number], held: Version | undefined) {
  const { status, headers, bytes } = answer;
  const { etag = '', 'last-modified': modified = '', 'content-range': range = '' } = headers;
  // S3 answers 403, too, for what is not there yet, and others to many requests.
  if ([401, 403, 404, 410].includes(status))
    throw new ObjectNotFound(`${what} answers ${status}: it is not there, or its signature or token has run out.`);
  const tag = etag.startsWith('"') ? etag : modified;
  const size = Number(/\/(\d+)$/.exec(range)?.[1] ?? Number.NaN);
  const isOther = [412, 416].includes(status) || (status === 206 && (tag !== held?.tag || size !== held.size));
  if (held !== undefined && isOther) throw new TransientTrouble(`${what} became another file while it was read.`);
  if (status !== 206 || tag === '' || Number.isNaN(size))
    throw new InvalidSceneFile(
      `${what} answers ${status} to a request for a range; allowed is 206, with the file's size, and its strong entity tag or last change. Copy the file`,
    );
  const length = Math.min(end, size) - offset;
  if (bytes.length !== length || !range.startsWith(`bytes ${offset}-`))
    throw new Error(`${bytes.length} bytes as ${range}, asked for were ${length} from ${offset} on`);
  return { bytes, version: { size, tag } };
}
