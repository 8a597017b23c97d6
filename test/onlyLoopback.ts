import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { threadId } from 'node:worker_threads';

/**
 * Loaded before everything else (`node --import`), in each process and thread: whatever would go further than the loopback fails,
 * and is reported into a file. Names are refused as well, since asking for one goes to a name server.
 */

const report = process.env['NETWORK_REPORT'] ?? '';
appendFileSync(report, `process ${process.pid}, thread ${threadId}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (this: net.Socket, ...given: unknown[]) {
  allow('connect', targetOf(given));
  return Reflect.apply(connect, this, given);
};
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (this: net.Server, ...given: unknown[]) {
  allow('listen', targetOf(given));
  return Reflect.apply(listen, this, given);
};
refuse(dgram, 'createSocket');
for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  for (const name of Object.getOwnPropertyNames(owner)) if (/^(resolve|reverse|lookup)/.test(name)) refuse(owner, name);
}
syncBuiltinESMExports();

/** The host that a call of connect or listen is about; undefined is anywhere, null is no network: a path. */
function targetOf([first, second]: unknown[]): string | null | undefined {
  const options = Array.isArray(first) ? first[0] : first; // Node passes on what it has sorted out already as an array
  if (typeof options === 'object' && options !== null) {
    const { path, host } = options as { path?: string; host?: string };
    return path === undefined ? host : null;
  }
  if (typeof options === 'string' && !/^\d+$/.test(options)) return null;
  return typeof second === 'string' ? second : undefined;
}

function allow(what: string, host: string | null | undefined): void {
  if (host !== null && !/^(127(\.\d+){3}|::1)$/.test(host ?? '')) fail(`${what} ${host}`);
}

/** Has a function fail, unless it is about an address, for which nobody is asked. */
function refuse(owner: object, name: string): void {
  const original = Reflect.get(owner, name);
  Object.defineProperty(owner, name, {
    value: function (this: unknown, ...given: unknown[]) {
      return net.isIP(String(given[0])) ? Reflect.apply(original, this, given) : fail(`${name} ${String(given[0])}`);
    },
  });
}

function fail(what: string): never {
  appendFileSync(report, `refused: ${what}\n`);
  throw new Error(`This leaves the machine: ${what}.`);
}
