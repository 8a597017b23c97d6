/** The header that says how many bytes of a body are JSON; without it, all are. */
export const JSON_LENGTH_HEADER = 'inference-header-content-length';

export type Body = { readonly bytes: Uint8Array; readonly headers: Readonly<Record<string, string>> };

/** Where a model is served. */
export type Endpoint = { readonly url: string; readonly model: string; readonly version?: string | undefined };

/**
 * Sends a request to the server of an endpoint: with a body by POST, else by GET.
 *
 * @param path begins with `/v2`
 * @throws {InvalidModelPackage} when the server is none that may be asked
 * @throws {EndpointUnavailable} when it does not answer
 */
export type AskEndpoint = (endpoint: Endpoint, path: string, body?: Body) => Promise<EndpointAnswer>;
export type EndpointAnswer = {
  readonly status: number;
  readonly jsonLength: string | undefined;
  readonly bytes: Uint8Array;
};
