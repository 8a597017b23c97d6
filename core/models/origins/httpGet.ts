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
 *
 * @throws {InvalidModelPackage} when the address may not be requested this way, or redirects where it must not
 * @throws {ObjectTooLarge} when the body exceeds the limit
 * @throws {TransientTrouble} when there is no response, or one with status 429 or 5xx
 */
export type HttpGet = (url: URL, options: HttpGetOptions) => Promise<HttpAnswer>;
