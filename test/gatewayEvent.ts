/** What a REST API hands a function: as much of it as is read. */
export type GatewayEvent = ReturnType<typeof gatewayEvent>;

type Asked = {
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Bytes come as base64, as they do where API Gateway knows the content type as binary. */
  body?: string | Uint8Array;
};

/** An event of API Gateway, for the route `POST /v1/models/{model}/predictions` or its like. */
export function gatewayEvent(route: string, { path = {}, query = {}, headers = {}, body }: Asked = {}) {
  const [httpMethod = '', resource = ''] = route.split(' ');
  const lists = (of: Record<string, string>) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, [value]]));
  return {
    resource,
    path: resource.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? '')),
    httpMethod,
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: Object.keys(query).length === 0 ? null : query,
    multiValueQueryStringParameters: Object.keys(query).length === 0 ? null : lists(query),
    pathParameters: Object.keys(path).length === 0 ? null : path,
    stageVariables: null,
    requestContext: { requestId: 'r', stage: 'dev' },
    body: body === undefined ? null : typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined && typeof body !== 'string',
  };
}
