import { withoutCitations } from './cited.ts';
import { withoutSecrets } from './withoutSecrets.ts';

/** A name is set by our own classes; a code by Node's errors. */
const KEPT = ['name', 'message', 'stack', 'code'];

/**
 * What a function threw, as others may hear of it: without secrets in its message and its stack. What a client hung on it
 * (the response, what should have been signed) goes, since Lambda writes every field of an error into the log. The message
 * goes on to the ledger with what it cites; what Lambda logs, which is the error as JSON, is without.
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

/** As Lambda's runtime does it: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/utils/error.ts */
function toLog(this: Error) {
  return { errorType: this.name, errorMessage: withoutCitations(this.message), stack: this.stack?.split('\n') };
}
