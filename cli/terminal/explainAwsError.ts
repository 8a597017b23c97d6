import type { S3Client } from '@aws-sdk/client-s3';

/** The fields of an AWS client's error that tell its cause. `operation` is ours: see `noteOperations`. */
type AwsError = Error &
  Partial<Record<'code' | 'address' | 'hostname' | 'operation', string>> & {
    $metadata?: { httpStatusCode?: number };
    port?: number;
  };

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const REFUSED_CREDENTIALS =
  /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|InvalidClientTokenId|InvalidAccessKeyId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken|AuthFailure|InvalidToken)$/;
const CLOCK = /^RequestTimeTooSkewed$|Signature (expired|not yet current)/;
const DENIED = /AccessDenied|NotAuthorized|AuthorizationError|UnauthorizedOperation|Forbidden|^403$/;
const SILENT = /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EPROTO)$/;
const THROTTLED = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ThroughputExceeded/;

/** Explains an AWS client's error, with a remedy, and whether it counts as wrong use; undefined for any other error. */
export function explainAwsError(thrown: Error, environment: NodeJS.ProcessEnv = process.env) {
  const error = thrown as AwsError;
  const { name, message } = error;
  const wrong = (sentence: string) => ({ sentence, isWrongUse: true });
  const trouble = (sentence: string) => ({ sentence, isWrongUse: false });

  if (NO_CREDENTIALS.test(name)) {
    const what = message.includes('multi-factor')
      ? 'Swath asks for no code: have the AWS CLI ask, by eval "$(aws configure export-credentials --profile NAME --format env)", and name a --region and no profile.'
      : `Log in, such as by "aws sso login", set AWS_PROFILE, or name another --profile, of those that "aws configure list-profiles" lists.`;
    return wrong(`no valid AWS credentials were found (${message.split('\n')[0]}). ${what}`);
  }
  if (name === 'Error' && /^Region (is missing|not accepted)/.test(message))
    return wrong(
      `no valid AWS region is set (${message}). Name one with --region, set AWS_REGION, or name a --profile that has one, of those that "aws configure list-profiles" lists.`,
    );
  if (error.$metadata === undefined) return undefined;

  if (CLOCK.test(name + message))
    return trouble(`AWS refuses what this machine signs: its clock is wrong (${message}).`);
  if (REFUSED_CREDENTIALS.test(name))
    return wrong(`AWS does not accept your credentials (${message}). Log in again, or name another --profile.`);
  if (isDenied(error) || error.$metadata.httpStatusCode === 403) return trouble(deniedSentence(error));
  const stack = /Stack (?:with id |\[)([\w-]+)\]? does not exist/.exec(message)?.[1];
  if (stack !== undefined)
    return wrong(
      `there is no stack ${stack} in this account and region. Deploy it, or name another --stage, --region or --profile.`,
    );
  if (SILENT.test(error.code ?? '') || name === 'TimeoutError') return trouble(silentSentence(error, environment));
  if (THROTTLED.test(name)) return trouble(`AWS throttles requests (${message}). Try again in a minute.`);
  if (/^(NoSuchBucket|ResourceNotFoundException|StateMachineDoesNotExist)$/.test(name))
    return trouble(`a part of the stack is gone (${operationOf(error)}${message}). Deploy the stage again.`);
  if (error.operation === undefined) return undefined; // an error of the embedded stack's own tables
  const status = error.$metadata.httpStatusCode;
  return trouble(`${operationOf(error)}${message} (${name}${status === undefined ? '' : `, HTTP ${status}`})`);
}

export const isDenied = ({ name }: Error): boolean => DENIED.test(name);

/** The missing permission, from AWS's message, or else the call that was refused: S3 does not always name it. */
function deniedSentence(error: AwsError): string {
  const action = /not authorized to perform:? ([\w-]+:\w+)/.exec(error.message)?.[1];
  const resource = /on resource:? (\S+)/.exec(error.message)?.[1]?.replace(/[.,]$/, '');
  const what =
    action === undefined
      ? `${error.operation ?? 'this'}${/^(UnknownError|Access ?Denied|Forbidden)$/i.test(error.message) ? '' : ` (${error.message})`}`
      : `${action}${resource === undefined ? '' : ` on ${resource}`}`;
  return `your AWS credentials do not allow ${what}. Ask for that permission, or name another --profile.`;
}

function silentSentence(error: AwsError, environment: NodeJS.ProcessEnv): string {
  const host = error.hostname ?? error.address;
  const where = host === undefined ? '' : ` at ${host}${error.port === undefined ? '' : `:${error.port}`}`;
  const endpoint = Object.entries(environment).find(([key, value]) => /^AWS_ENDPOINT_URL/.test(key) && value);
  if (endpoint !== undefined)
    return `nothing answers at ${endpoint[1]} (${error.code ?? error.name}), which ${endpoint[0]} names. Start the service at that address, or unset the variable to reach AWS itself.`;
  return `nothing answers${where} (${error.code ?? error.name}). Check your network, and the spelling of --region.`;
}

const operationOf = ({ operation }: AwsError): string => (operation === undefined ? '' : `${operation}: `);

/** Adds the failed call to a client's errors, such as "S3 PutObject". At the end of its block, `using` destroys the client. */
export function noteOperations<One extends Pick<S3Client, 'destroy'>>(client: One): One & Disposable {
  (client as One & Pick<S3Client, 'middlewareStack'>).middlewareStack.add(
    (next, { clientName = '', commandName = '' }) =>
      (call) =>
        next(call).catch((error: AwsError) => {
          error.operation ??= `${clientName.replace(/Client$/, '')} ${commandName.replace(/Command$/, '')}`;
          throw error;
        }),
    { step: 'initialize', name: 'swathOperation' },
  );
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}
