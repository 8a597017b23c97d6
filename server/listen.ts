import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

/** Some ports to try, in order: the first one, those behind it, and at last any free one, which is 0. */
export const portsFrom = (first: number): number[] => [...Array.from({ length: 20 }, (_, i) => first + i), 0];

/** Listens at the first port that is free, and returns it. Throws an error with the code EADDRINUSE if none is. */
export async function listen(server: Server, host: string, [port, ...others]: readonly number[]): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || others.length === 0) throw error;
    return listen(server, host, others);
  }
}

export const closeNow = (server: HttpServer) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
