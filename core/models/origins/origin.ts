import { citedStart } from '../../cited.ts';
import { InvalidModelPackage } from '../../errors.ts';

/** Where a model package is to be had that does not lie in a folder of this machine. */
export type Origin =
  /** A version that is registered with MLflow, by its number or by an alias that points to it. */
  | { readonly kind: 'mlflow'; readonly name: string; readonly pointer: { alias: string } | { version: string } }
  /** Objects whose keys begin with a prefix, which ends with a slash. */
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }
  /** A folder of a web server, whose address ends with a slash. */
  | { readonly kind: 'https'; readonly url: URL };

export type MlflowOrigin = Extract<Origin, { kind: 'mlflow' }>;

const ALLOWED =
  'mlflow:NAME@ALIAS, mlflow:NAME/VERSION, s3://BUCKET/FOLDER/, https://HOST/FOLDER/, or a folder of this machine';
/** What begins as an address does; C:\ is a folder of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** As MLflow allows them: a name is a segment of its addresses. https://mlflow.org/docs/latest/ml/model-registry/ */
const MLFLOW = /^mlflow:(?<name>[^/:@][^/:]{0,255}?)(?:@(?<alias>[\w-]{1,255})|\/(?<version>[1-9]\d{0,9}))$/;
const S3 = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(?<prefix>.*)$/;

/**
 * What a text means that says where a package is; null for a folder.
 *
 * @throws {InvalidModelPackage} where it begins as an address does and is none that is read
 */
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

/** The same of an alias of MLflow's, the only thing that may come to point elsewhere and be watched. */
export function parseWatched(text: string): MlflowOrigin {
  const origin = SCHEME.test(text) ? parseOrigin(text) : null;
  if (origin?.kind === 'mlflow' && 'alias' in origin.pointer) return origin;
  throw new InvalidModelPackage(
    `found ${citedStart(withoutUser(text), 200)}, allowed is mlflow:NAME@ALIAS, such as mlflow:drought@champion`,
  );
}

/** As one would write it. */
export function originText(origin: Origin): string {
  if (origin.kind === 's3') return `s3://${origin.bucket}/${origin.prefix}`;
  if (origin.kind === 'https') return origin.url.href;
  const { name, pointer } = origin;
  return 'alias' in pointer ? `mlflow:${name}@${pointer.alias}` : `mlflow:${name}/${pointer.version}`;
}

/** Whether a path has a segment that leads out of the folder that it begins in. */
export function escapes(path: string): boolean {
  return path.split('/').some((segment) => segment === '..' || segment === '.');
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

/** Whoever has written a password into an address need not read it in a log. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/s, '');
}
