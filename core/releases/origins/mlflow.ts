import * as z from 'zod';
import { citedStart, InvalidModelPackage, jsonIn, ObjectNotFound } from '../../base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../../base/limits.ts';
import type { ReadObject } from '../../base/objectStore.ts';
import { urlDecoded } from '../../base/text/urlDecoded.ts';
import type { ReadPackageFile } from '../../package/packageFile.ts';
import { escapes, type MlflowOrigin, originText } from './origin.ts';
import { filesUnder, type HttpAnswer, type HttpGet, type PackageSource } from './packageSource.ts';

export type MlflowPorts = {
  access: RegistryAccess;
  get: HttpGet;
  /** Reads a bucket in which an MLflow server keeps artifacts without serving them; if absent, the server is asked. */
  readBucket?: ((bucket: string) => ReadObject) | undefined;
};

/** Of MLflow's JSON, only the fields used are validated. https://mlflow.org/docs/latest/api_reference/rest-api.html */
const aliasSchema = z.object({ model_version: z.object({ version: z.coerce.string().regex(/^\d+$/) }) });
const uriSchema = z.object({ artifact_uri: z.string() });
const errorSchema = z.object({ message: z.string() });

const PROXIED = 'api/2.0/mlflow-artifacts/artifacts';

/**
 * Looks up a version registered with MLflow, and where its files are.
 * @throws {InvalidModelPackage} when there is no such version, or the server denies access
 * @throws {TransientTrouble} when the server does not respond
 */
export async function openRegistered(ports: MlflowPorts, origin: MlflowOrigin): Promise<PackageSource> {
  const { name, pointer } = origin;
  const version = 'version' in pointer ? pointer.version : await versionOf(pointer.alias);
  const where = originText({ kind: 'mlflow', name, pointer: { version } });
  const answer = await ask(ports, 'api/2.0/mlflow/model-versions/get-download-uri', { name, version });
  const { artifact_uri } = answerOf(ports, uriSchema, where, answer);
  return { where, readFile: filesOf(artifact_uri) };

  async function versionOf(alias: string): Promise<string> {
    const answer = await ask(ports, 'api/2.0/mlflow/registered-models/alias', { name, alias });
    return answerOf(ports, aliasSchema, originText(origin), answer).model_version.version;
  }

  /**
   * Returns how to read the version's files: through the server's own proxy if it serves artifacts, which is its default; from
   * the bucket itself if it names a readable one; else as the server shows artifacts to people, whatever it stores them in.
   */
  function filesOf(uri: string): ReadPackageFile {
    const { access, readBucket } = ports;
    const [, scheme = '', host = '', path = ''] = /^([a-z0-9-]+):(?:\/\/([^/]*))?\/*(.*)$/.exec(uri) ?? [];
    if (escapes(decoded(path)))
      throw new InvalidModelPackage(
        `${where}: found the source ${citedStart(uri, 200)}, allowed is none that leads out of its folder`,
      );
    if (scheme === 's3' && readBucket !== undefined) return filesUnder(readBucket(host), path === '' ? '' : `${path}/`);
    const isProxied = scheme === 'mlflow-artifacts';
    // The source is written by whoever registers a version: the token is only for the configured server.
    if (isProxied && host !== '' && host !== access.url.host)
      throw new InvalidModelPackage(
        `${where}: found artifacts of ${citedStart(host, 100)}, allowed are those of ${access.url.host}, which is the server that is asked`,
      );
    return async (file, limit = Number.POSITIVE_INFINITY) => {
      const answer = isProxied
        ? await ask(ports, [PROXIED, ...segmentsOf(path), ...segmentsOf(file)].join('/'), {}, limit)
        : await ask(ports, 'model-versions/get-artifact', { name, version, path: file }, limit);
      if (answer.status === 200) return answer.bytes;
      if (answer.status === 404) throw new ObjectNotFound(`${where} has no ${file}.`);
      throw refused(ports, `${where}: ${file}`, answer);
    };
  }
}

const segmentsOf = (path: string): string[] =>
  path.split('/').flatMap((segment) => (segment === '' ? [] : encodeURIComponent(decoded(segment))));

const decoded = (text: string): string => urlDecoded(text) ?? text;

function ask(
  { access, get }: MlflowPorts,
  path: string,
  query: Record<string, string>,
  mostBytes = MAX_PACKAGE_TEXT_BYTES,
): Promise<HttpAnswer> {
  const url = new URL(access.url);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  url.search = new URLSearchParams(query).toString();
  return get(url, { authorization: access.authorization, mostBytes });
}

function answerOf<Schema extends z.ZodType>(ports: MlflowPorts, schema: Schema, where: string, answer: HttpAnswer) {
  if (answer.status !== 200) throw refused(ports, where, answer);
  const { success, data } = schema.safeParse(answered(answer));
  if (success) return data;
  throw new InvalidModelPackage(
    `${where}: ${ports.access.url.host} answers something else than MLflow's REST API does; allowed is the address of a tracking server`,
  );
}

function refused({ access }: MlflowPorts, where: string, answer: HttpAnswer): InvalidModelPackage {
  const { status } = answer;
  const host = access.url.host;
  if (status === 401 || status === 403)
    return new InvalidModelPackage(
      `${where}: ${host} answers ${status}, so it does not let this service in; put what it takes into ${access.secretIn}`,
    );
  const { data } = errorSchema.safeParse(answered(answer));
  const why = data === undefined ? '' : ` (${citedStart(data.message, 200)})`;
  if (status === 404 || status === 400)
    return new InvalidModelPackage(
      `${where} points nowhere: ${host} answers ${status}${why}; register that version there, or name another one`,
    );
  return new InvalidModelPackage(`${where}: ${host} answers ${status}${why}, allowed is 200 with what was asked for`);
}

const answered = ({ bytes }: HttpAnswer): unknown => jsonIn(new TextDecoder().decode(bytes));

type RegistryAccess = {
  /** Without a trailing slash. */
  readonly url: URL;
  readonly authorization?: string | undefined;
  /** Where to change the credentials, named in the error when access is denied. */
  readonly secretIn: string;
};

const VARIABLES = 'MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD';

/**
 * Reads the environment variables of MLflow's own client: https://mlflow.org/docs/latest/ml/auth/#authenticating-to-mlflow.
 * As there, a user name with a password takes precedence over a token.
 * @throws {InvalidModelPackage} when no server is named, or its address cannot be used
 */
export function accessByEnvironment(environment: Record<string, string | undefined>): RegistryAccess {
  const uri = environment['MLFLOW_TRACKING_URI'] ?? '';
  if (uri === '')
    throw new InvalidModelPackage(
      'MLFLOW_TRACKING_URI: found nothing, allowed is the address of an MLflow tracking server, such as http://127.0.0.1:5000',
    );
  const variableOf = (name: string) => environment[`MLFLOW_TRACKING_${name}`];
  const [user = '', password = '', token = ''] = ['USERNAME', 'PASSWORD', 'TOKEN'].map(variableOf);
  const secret = user !== '' && password !== '' ? `${user}:${password}` : token;
  return { url: trackingUrl(uri, 'MLFLOW_TRACKING_URI'), authorization: authorizationOf(secret), secretIn: VARIABLES };
}

/** A stage's access: its address, a parameter, and its secret `secretIn`: `USER:PASSWORD`, or a token without a colon. */
export function accessOfStage(uri: string, secret: string, secretIn: string): RegistryAccess {
  return { url: trackingUrl(uri, 'mlflowTrackingUri'), authorization: authorizationOf(secret.trim()), secretIn };
}

function authorizationOf(secret: string): string | undefined {
  if (secret === '') return undefined;
  return secret.includes(':') ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}`;
}

function trackingUrl(uri: string, where: string): URL {
  const url = URL.parse(uri);
  const allowed =
    'the address of an MLflow tracking server with http or https, and without a user, a query or a fragment';
  if (url === null || !/^https?:$/.test(url.protocol) || url.username + url.password + url.search + url.hash !== '')
    throw new InvalidModelPackage(
      `${where}: found ${url === null ? 'no address' : `an address with ${url.protocol.slice(0, -1)}${url.username === '' ? '' : ' and a user'}`}, allowed is ${allowed}`,
    );
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}
