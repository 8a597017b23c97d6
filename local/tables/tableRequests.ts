import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request to the tables: its operation, as the header `x-amz-target` names it, and its JSON. */
export type AskTables = (request: { target: string; body: string }) => Promise<TableAnswer>;
export type TableAnswer = { status: number; body: string };

/** What dynalite wants to see of a signature; it checks none. */
const HEADERS = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  'x-amz-date': '20260101T000000Z',
};

/** Asks dynalite's server without a network: sockets, HTTP and a signature are two thirds of a request's processor time. */
export function askServer(server: Server) {
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  const ask: AskTables = ({ target, body }) => {
    // As a client hears it from a port that nobody listens at.
    if (isClosed) return Promise.reject(Object.assign(new Error('The tables are closed.'), { code: 'ECONNREFUSED' }));
    const answer = new Promise<TableAnswer>((resolve) => {
      const headers = { ...HEADERS, 'x-amz-target': target };
      const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers });
      const response = {
        statusCode: 200,
        setHeader: () => {},
        end: (text: string) => resolve({ status: response.statusCode, body: text }),
      };
      server.emit('request', request as unknown as IncomingMessage, response as unknown as ServerResponse);
      request.emit('data', body);
      request.emit('end');
    });
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  };

  return {
    ask,
    /** Takes no more requests, and resolves when those that were taken have their answer. */
    close: async (): Promise<void> => {
      isClosed = true;
      await Promise.allSettled(underWay);
    },
  };
}
