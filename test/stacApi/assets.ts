import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../replay/sfc32.ts';
import { selfSigned } from '../benches/certificate.ts';
import { HOST } from './fromBelow.ts';

const SCENE = new URL('../../samples/sentinel-2/s2-t29unu-60m-256.tif', import.meta.url);
/** A share of the requests that the server has no time for. */
const BUSY = 0.1;

/** The bundled scene at every address of a host, each another file by its entity tag, in ranges over https. */
export async function serveAssets(random: Random) {
  const bytes = readFileSync(SCENE);
  const { key, cert } = selfSigned([HOST]);
  const counts = { ranges: 0, others: 0, busy: 0 };
  const server = createServer({ key, cert }, ({ url = '', headers }, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const isBusy = random() < BUSY;
    counts[isBusy ? 'busy' : from === undefined ? 'others' : 'ranges'] += 1;
    if (isBusy) return void response.writeHead(503, { 'retry-after': '1' }).end();
    const part = bytes.subarray(Number(from ?? 0), Number(to ?? bytes.length) + 1);
    const range = from && { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` };
    response.writeHead(range ? 206 : 200, {
      etag: `"${hash('sha256', url)}"`,
      'content-length': part.length,
      ...range,
    });
    response.end(part);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `https://${HOST}:${(server.address() as AddressInfo).port}`,
    cert,
    counts,
    close: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}
