/** The response to a request, before it is sent. */
export type Answer = { status: number; headers: Record<string, string>; body: string | Uint8Array };

/** A refused request: the status, and a sentence for the client. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** JSON that may be outdated in a second, so the browser must not cache it. */
export function json(body: unknown, status = 200): Answer {
  return { status, headers: headersOf('application/json; charset=utf-8', 'no-store'), body: JSON.stringify(body) };
}

/** A picture that never changes under its address. */
export function picture(body: Uint8Array): Answer {
  return { status: 200, headers: headersOf('image/png', 'private, max-age=31536000, immutable'), body };
}

/** A part of the page, which may change with the next start. */
export function asset(type: 'text/html' | 'text/javascript' | 'text/css', body: string): Answer {
  return { status: 200, headers: headersOf(`${type}; charset=utf-8`, 'no-cache'), body };
}

function headersOf(type: string, caching: string): Answer['headers'] {
  return { 'content-type': type, 'cache-control': caching };
}
