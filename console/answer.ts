import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorNamed, insteadOf, ObjectNotFound } from '../core/base/errors.ts';
import { type HttpResponse, jsonResponse } from '../core/doors/online/http.ts';
import { pictureType } from '../core/scenes/textPicture.ts';
import { csvOf } from '../core/tables/csv.ts';
import { parquetOf } from '../core/tables/parquet.ts';
import type { Rows } from '../core/tables/table.ts';
import SECURITY_HEADERS from './securityHeaders.json' with { type: 'json' };

/** The page may load only this server's scripts, styles, pictures and data. Plot puts a style element into each SVG. */
export { SECURITY_HEADERS };

export type Answer = HttpResponse;
/** JSON that may be outdated in a second, so the browser must not cache it. */
export const json = jsonResponse;

export class Refused extends errorNamed('Refused') {
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** For `catch`: refuses what needs an object that is gone. Other errors are thrown as they are. */
export const refuseIfGone = (status: number, why: (error: ObjectNotFound) => string) =>
  insteadOf(ObjectNotFound, (error) => new Refused(status, why(error)));

/** A picture that never changes under its address. */
export function picture(body: Uint8Array): Answer {
  return { status: 200, headers: headersOf(pictureType(body), 'private, max-age=31536000, immutable'), body };
}

/** A part of the page, which may change with the next start. */
export function asset(type: 'text/html' | 'text/javascript' | 'text/css', body: string): Answer {
  return { status: 200, headers: headersOf(`${type}; charset=utf-8`, 'no-cache'), body };
}

/** Streams a file to save, whose size may not be known. */
export function download(
  { name, type, size }: { name: string; type: string; size?: number },
  chunks: AsyncIterable<Uint8Array | string>,
): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      ...headersOf(type, 'no-store'),
      ...(size !== undefined && { 'content-length': size }),
      'content-disposition': `attachment; filename="${name}"`,
    });
    // The head is sent already: an error now ends the connection early, which a browser notices.
    pipeline(Readable.from(chunks, { objectMode: true }), response).catch(() => response.destroy());
  };
}

export type ListFormat = 'csv' | 'parquet';

const TYPES: Record<ListFormat, string> = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' };

export const listFile = (name: string, format: ListFormat, rows: Rows): ((response: ServerResponse) => void) =>
  download({ name: `${name}.${format}`, type: TYPES[format] }, format === 'csv' ? csvOf(rows) : parquetOf(rows));

const headersOf = (type: string, caching: string) => ({ 'content-type': type, 'cache-control': caching });
