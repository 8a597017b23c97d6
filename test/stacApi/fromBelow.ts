import dns from 'node:dns/promises';
import fs from 'node:fs';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { LookupFunction } from 'node:net';
import { sep } from 'node:path';
import { sfc32 } from '../../replay/sfc32.ts';

/**
 * An internet with one host, and sudden deaths, for `swath start` and its workers, before which this is loaded (`node --import`). The host
 * has an address of the public internet, as the product sees it; only what it then connects to is this machine. The product knows
 * nothing of either.
 */
export const HOST = 'data.example.org';
const PUBLIC = '93.184.215.14';
/** How likely the process dies at a write of a look, and at a file operation of a function; the log gets a line of what has died. */
export type Deaths = { seed: number; life: number; look: number; functions: number; log: string };

const told = process.env['SWATH_STAC_API_DEATHS'];
const isWorker = process.argv[1]?.endsWith('/local/stack/worker.ts') === true;
if (told !== undefined) {
  leadHome();
  die(JSON.parse(told));
  syncBuiltinESMExports();
}

function leadHome(): void {
  const { lookup } = dns;
  dns.lookup = ((name: string, options: object) =>
    name === HOST ? [{ address: PUBLIC, family: 4 }] : lookup(name, options)) as unknown as typeof lookup;
  const { request } = https;
  https.request = ((url: URL, options: https.RequestOptions, ...rest: []) => {
    const found = options.lookup!;
    const home: LookupFunction = (name, how, done) =>
      found(name, how, (error, addresses, family) => {
        if (error !== null || !JSON.stringify(addresses).includes(PUBLIC)) return done(error, addresses, family);
        if (how.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
        else done(null, '127.0.0.1', 4);
      });
    return request(url, { ...options, lookup: home }, ...rest);
  }) as typeof https.request;
}

function die({ seed, life, look, functions, log }: Deaths): void {
  // Workers are many: each has draws of its own.
  const random = sfc32(seed, life, isWorker ? process.pid : 0);
  const share = isWorker ? functions : look;
  const isAbout = (path: unknown) => isWorker || String(path).includes(`${sep}inbox${sep}feeds${sep}`);
  const perhaps = (path: unknown) => {
    if (!isAbout(path) || random() >= share / 2) return;
    fs.appendFileSync(log, `${isWorker ? 'function' : 'look'}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    perhaps(to);
    renameSync(from, to);
    perhaps(to);
  };
  const { rename, open, readFile } = fs.promises;
  const all = { rename, open, readFile } as Record<string, (...args: unknown[]) => Promise<unknown>>;
  if (isWorker)
    for (const [name, operation] of Object.entries(all))
      Object.assign(fs.promises, {
        [name]: async (...args: unknown[]) => {
          perhaps(args[0]);
          const result = await operation(...args);
          perhaps(args[0]);
          return result;
        },
      });
}
