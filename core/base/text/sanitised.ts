import { withoutCitations } from '../errors.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** `name` is set by our own classes, `code` by Node's errors. */
const KEPT = ['name', 'message', 'stack', 'code'];

/**
 * Returns a function's error without secrets in its message and stack. Fields that a client attached (the response, the
 * string to sign) are dropped, because Lambda logs every field of an error. The message goes to the ledger with its
 * citations; the JSON that Lambda logs omits them.
 */
export function sanitised(thrown: unknown): unknown {
  if (typeof thrown === 'string') return withoutSecrets(thrown);
  if (!(thrown instanceof Error)) return thrown;
  thrown.message = withoutSecrets(thrown.message);
  if (thrown.stack !== undefined) thrown.stack = withoutCitations(withoutSecrets(thrown.stack));
  for (const key of Object.keys(thrown)) if (!KEPT.includes(key)) Reflect.deleteProperty(thrown, key);
  Object.defineProperty(thrown, 'toJSON', { value: toLog, configurable: true, writable: true });
  return thrown;
}

/** Like Lambda's runtime: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/utils/error.ts */
function toLog(this: Error) {
  return { errorType: this.name, errorMessage: withoutCitations(this.message), stack: this.stack?.split('\n') };
}
