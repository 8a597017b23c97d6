import { InvalidModelPackage } from '../../errors.ts';

/** Where an MLflow tracking server is, and the credentials for it. */
export type RegistryAccess = {
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
 *
 * @throws {InvalidModelPackage} when no server is named, or its address cannot be used
 */
export function accessByEnvironment(environment: Record<string, string | undefined>): RegistryAccess {
  const uri = environment['MLFLOW_TRACKING_URI'] ?? '';
  if (uri === '')
    throw new InvalidModelPackage(
      'MLFLOW_TRACKING_URI: found nothing, allowed is the address of an MLflow tracking server, such as http://127.0.0.1:5000',
    );
  const [user = '', password = '', token = ''] = ['USERNAME', 'PASSWORD', 'TOKEN'].map(
    (name) => environment[`MLFLOW_TRACKING_${name}`],
  );
  const secret = user !== '' && password !== '' ? `${user}:${password}` : token;
  return { url: trackingUrl(uri, 'MLFLOW_TRACKING_URI'), authorization: authorizationOf(secret), secretIn: VARIABLES };
}

/**
 * Returns the access of a stage, whose address is a parameter and whose credentials are a secret.
 *
 * @param secret `USER:PASSWORD`, or a token, which has no colon in it
 * @param secretIn where the secret is stored
 */
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
