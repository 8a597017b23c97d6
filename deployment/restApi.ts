import { createHash } from 'node:crypto';
import { capitalised } from '../core/base/text/capitalised.ts';
import { IMAGE_TYPES } from '../core/doors/online/bodyInputs.ts';
import { type Status, TITLES } from '../core/doors/online/http.ts';
import problems from './gatewayProblems.json' with { type: 'json' };
import routes from './routes.json' with { type: 'json' };

/** An error of the gateway, and after how many seconds to try again, if that helps: for a quota, it would not. */
type GatewayProblem = { status: Status; detail: string; retryAfter?: number };
const gatewayProblems = problems as Record<string, GatewayProblem>;

/** The REST API for predictions over HTTP; its one key, what limits it and who may ask are in resources/api.yml. */
export type RestApi = {
  stage: string;
  /** The rate and burst of requests, for a key and for all keys together. */
  rate: number;
  burst: number;
  /** Origins whose pages may ask; `*` is any. */
  corsOrigins: readonly string[];
  /** Whether predict is asked by its alias, whose containers are there beforehand. */
  isProvisioned: boolean;
};

type Resource = { Type: string; DependsOn?: string[]; Properties: Record<string, unknown> };

/** Every route, by its path. Health checks and the API's description need no key. */
export const API_ROUTES = routes as readonly Route[];
type Route = { path: string; method: string; function: 'predict' | 'catalogue'; needsKey: boolean };

/** Of a route without a key, for all clients: enough for health checks from fifteen places every ten seconds. */
const OPEN_RATE = 2;
const OPEN_BURST = 10;

const ROUTES = API_ROUTES.map(({ method, path }) => `${method} ${path}`).join(', ');
const PREFLIGHT_SECONDS = 3600;

/** The resources of the API. Its deployment has the methods' digest in its name, so that CloudFormation replaces it with them. */
export function restApi(api: RestApi): Record<string, Resource> {
  const { stage } = api;
  const deployed = { ...methods(api), ...gatewayResponses(api) };
  const Api = gateway('RestApi', {
    Name: `swath-${stage}`,
    Description: 'Predictions over HTTP: docs/http.md',
    EndpointConfiguration: { Types: ['REGIONAL'] },
    ApiKeySourceType: 'HEADER',
    BinaryMediaTypes: IMAGE_TYPES, // all others are text; of these, a function gets base64
  });
  const content = { Api, ...resources(), ...deployed };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 10);
  const deployment = `ApiDeployment${hash}`;
  return {
    ...content,
    [deployment]: { ...ofApi('Deployment'), DependsOn: Object.keys(deployed) }, // else it would be made before they are
    ApiStage: ofApi('Stage', {
      DeploymentId: { Ref: deployment },
      StageName: stage,
      MethodSettings: [
        methodSetting('/*', '*', api.rate, api.burst),
        ...API_ROUTES.filter(({ needsKey }) => !needsKey).map(({ path, method }) =>
          methodSetting(path, method, Math.min(OPEN_RATE, api.rate), Math.min(OPEN_BURST, api.burst)),
        ),
      ],
    }),
  };
}

function gateway(type: string, Properties: Resource['Properties']): Resource {
  return { Type: `AWS::ApiGateway::${type}`, Properties };
}

const ofApi = (type: string, properties: Resource['Properties'] = {}): Resource =>
  gateway(type, { RestApiId: { Ref: 'Api' }, ...properties });

function resources(): Record<string, Resource> {
  const paths = API_ROUTES.flatMap(({ path }) => piecesOf(path).map((_, i, all) => all.slice(0, i + 1)));
  return Object.fromEntries(
    paths.map((pieces) => {
      const parent = pieces.slice(0, -1);
      const ParentId = parent.length === 0 ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : { Ref: resourceId(parent) };
      return [resourceId(pieces), ofApi('Resource', { ParentId, PathPart: pieces.at(-1) })];
    }),
  );
}

function methods(api: RestApi): Record<string, Resource> {
  const asked = API_ROUTES.map(({ path, method, needsKey, function: name }) => {
    const uri = `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/${targetOf(name, api)}/invocations`;
    const Integration = { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: { 'Fn::Sub': uri } };
    return methodOf(path, method, capitalised(method.toLowerCase()), needsKey, { Integration });
  });
  const preflights = api.corsOrigins.length === 0 ? [] : API_ROUTES.map((route) => preflight(route, api.corsOrigins));
  return Object.fromEntries([...asked, ...preflights]);
}

/** Preflight requests, which the gateway answers itself, so that they cost no call. */
function preflight({ path, method }: Route, origins: readonly string[]) {
  const [origin, ...others] = origins.includes('*') ? ['*'] : origins;
  const headers = {
    'Access-Control-Allow-Headers': "'content-type,x-api-key'",
    'Access-Control-Allow-Methods': `'${method},OPTIONS'`,
    'Access-Control-Max-Age': `'${PREFLIGHT_SECONDS}'`,
    ...(others.length === 0 ? { 'Access-Control-Allow-Origin': `'${origin}'` } : { Vary: "'origin'" }),
  };
  const named = Object.entries(headers).map(([name, value]) => [`method.response.header.${name}`, value] as const);
  const shown = Object.fromEntries(named.map(([name]) => [name, true]));
  const RequestTemplates = { 'application/json': '{"statusCode": 204}' };
  const ResponseTemplates = { 'application/json': others.length === 0 ? '' : whicheverAsks(origins) };
  const answer = { StatusCode: '204', ResponseParameters: Object.fromEntries(named), ResponseTemplates };
  // A browser sends no key.
  return methodOf(path, 'OPTIONS', 'Options', false, {
    Integration: { Type: 'MOCK', RequestTemplates, IntegrationResponses: [answer] },
    MethodResponses: [{ StatusCode: '204', ResponseParameters: shown }],
  });
}

function methodOf(path: string, HttpMethod: string, name: string, ApiKeyRequired: boolean, how: object) {
  const id = resourceId(piecesOf(path));
  const about = { ResourceId: { Ref: id }, HttpMethod, AuthorizationType: 'NONE', ApiKeyRequired };
  return [`${id}${name}`, ofApi('Method', { ...about, ...how })] as const;
}

/** A template that gives no text, but names the one of several origins that asks: a header is one origin, or any. */
function whicheverAsks(origins: readonly string[]): string {
  const isAllowed = origins.map((origin) => `$origin == "${origin}"`).join(' || ');
  const asks = (header: string) => `#set($origin = $input.params().header.get("${header}"))`;
  return `${asks('Origin')}#if(!$origin)${asks('origin')}#end#if(${isAllowed})#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)#end`;
}

/** API Gateway's own answers, with our texts: they contain nothing of the request. */
function gatewayResponses({ corsOrigins }: RestApi): Record<string, Resource> {
  // Static, as it has to be: where several are named, that nothing came of a request is no secret before others.
  const origin = corsOrigins.length === 1 ? corsOrigins[0] : '*';
  return Object.fromEntries(
    Object.entries(gatewayProblems).map(([type, { status, detail, retryAfter }]) => {
      const text = detail.replace('{routes}', ROUTES);
      const problem = { type: 'about:blank', title: TITLES[status], status, detail: text };
      const properties = {
        ResponseType: type,
        StatusCode: String(status), // the words say it as well
        ResponseParameters: {
          'gatewayresponse.header.Content-Type': "'application/problem+json'",
          'gatewayresponse.header.Cache-Control': "'no-store'",
          ...(retryAfter !== undefined && { 'gatewayresponse.header.Retry-After': `'${retryAfter}'` }),
          ...(corsOrigins.length > 0 && { 'gatewayresponse.header.Access-Control-Allow-Origin': `'${origin}'` }),
        },
        // By this name, whatever the request accepts; the header above says what it is.
        ResponseTemplates: { 'application/json': JSON.stringify(problem) },
      };
      return [resourceId(type.toLowerCase().split('_')), ofApi('GatewayResponse', properties)];
    }),
  );
}

function methodSetting(path: string, HttpMethod: string, rate: number, burst: number) {
  // A slash, and then the path, with each of its own slashes as ~1.
  const ResourcePath = path === '/*' ? path : `/${path.replaceAll('/', '~1')}`;
  return { ResourcePath, HttpMethod, ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst };
}

/** The function, or its alias with containers that are there beforehand, as the Serverless Framework calls it. */
export const targetOf = (name: Route['function'], { isProvisioned }: Pick<RestApi, 'isProvisioned'>): string =>
  isProvisioned && name === 'predict' ? `\${PredictProvConcLambdaAlias}` : `\${${capitalised(name)}LambdaFunction.Arn}`;

const piecesOf = (path: string): string[] => path.split('/').slice(1);

/** `/v1/models/{model}` is `ApiV1ModelsModel`. */
const resourceId = (pieces: readonly string[]): string =>
  `Api${pieces.map((piece) => capitalised(piece.replaceAll(/\W/g, ''))).join('')}`;
