import { citedStart, InvalidModelPackage } from '../../base/errors.ts';

export type Origin =
  /** A version registered with MLflow, by its number or by an alias that points to it. */
  | { readonly kind: 'mlflow'; readonly name: string; readonly pointer: { alias: string } | { version: string } }
  /** Objects whose keys begin with a prefix, which ends with a slash. */
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  /** A folder of a web server; its address ends with a slash. */
  | { readonly kind: 'https'; readonly url: URL };

export type MlflowOrigin = Extract<Origin, { kind: 'mlflow' }>;

const ALLOWED =
  'mlflow:NAME@ALIAS, mlflow:NAME/VERSION, s3://BUCKET/FOLDER/, https://HOST/FOLDER/, or a folder of this machine';
/** Matches a URL scheme; C:\ is a Windows folder. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** As MLflow allows them: a name is one segment of its addresses. https://mlflow.org/docs/latest/ml/model-registry/ */
const MLFLOW = /^mlflow:(?<name>[^/:@][^/:]{0,255}?)(?:@(?<alias>[\w-]{1,255})|\/(?<version>[1-9]\d{0,9}))$/;
const S3 = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(?<prefix>.*)$/;

/** Parses where a package is; null for a folder. Throws `InvalidModelPackage` for an unsupported address. */
export function parseOrigin(text: string): Origin | null {
  const [, scheme] = SCHEME.exec(text) ?? [];
  if (scheme === undefined) return null;
  const { name, alias, version } = MLFLOW.exec(text)?.groups ?? {};
  if (name !== undefined)
    return { kind: 'mlflow', name, pointer: alias === undefined ? { version: version! } : { alias } };
  const { bucket, prefix } = S3.exec(text)?.groups ?? {};
  if (bucket !== undefined && prefix !== undefined && !escapes(prefix))
    return { kind: 's3', bucket, prefix: prefix === '' ? '' : withSlash(prefix) };
  const url = scheme.toLowerCase() === 'https' ? URL.parse(text) : null;
  if (url !== null && url.username + url.password + url.search + url.hash === '') {
    url.pathname = withSlash(url.pathname);
    return { kind: 'https', url };
  }
  throw new InvalidModelPackage(`found ${citedStart(withoutUser(text), 200)}, allowed is ${ALLOWED}`);
}

/** Parses an MLflow alias, the only origin that can change its target and so be watched. */
export function parseWatched(text: string): MlflowOrigin {
  const origin = SCHEME.test(text) ? parseOrigin(text) : null;
  if (origin?.kind === 'mlflow' && 'alias' in origin.pointer) return origin;
  throw new InvalidModelPackage(
    `found ${citedStart(withoutUser(text), 200)}, allowed is mlflow:NAME@ALIAS, such as mlflow:drought@champion`,
  );
}

export function originText(origin: Origin): string {
  if (origin.kind === 's3') return `s3://${origin.bucket}/${origin.prefix}`;
  if (origin.kind === 'https') return origin.url.href;
  const { name, pointer } = origin;
  return 'alias' in pointer ? `mlflow:${name}@${pointer.alias}` : `mlflow:${name}/${pointer.version}`;
}

export const escapes = (path: string): boolean =>
  path.split('/').some((segment) => segment === '..' || segment === '.');

const withSlash = (path: string): string => (path.endsWith('/') ? path : `${path}/`);

/** Removes user and password from an address, so that no password reaches a log. */
const withoutUser = (text: string): string => text.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/s, '');
