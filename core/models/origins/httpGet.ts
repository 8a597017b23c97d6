/** What a web server has answered: where the status is 200, all of its body, else the beginning. */
export type HttpAnswer = { readonly status: number; readonly bytes: Uint8Array };

export type HttpGetOptions = {
  /** The value of the header Authorization. It is sent to this one host alone. */
  readonly authorization?: string | undefined;
  /** More bytes are refused, of which no more are read. */
  readonly mostBytes: number;
  /** Whether it may lead elsewhere; what has an authorization never does. */
  readonly mayRedirect?: boolean;
};

/**
 * Asks for what is at an address that this service's own operator has named.
 *
 * @throws {InvalidModelPackage} where it may not be asked so, or leads where it must not
 * @throws {ObjectTooLarge} where it has more bytes than are allowed
 * @throws {TransientTrouble} where there is no answer, or one that says that the server has trouble (429, 5xx)
 */
export type HttpGet = (url: URL, options: HttpGetOptions) => Promise<HttpAnswer>;
