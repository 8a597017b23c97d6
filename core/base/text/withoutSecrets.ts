const HIDDEN = '(hidden)';

/** Each keeps what comes before its secret. */
const SECRETS = [
  // The keys of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  /\b(AKIA|ASIA)[A-Z0-9]{16,}\b/g,
  // A signed address, and the Authorization header:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  /\b((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|Credential)=)[^\s&"'<>,]+/gi,
  // Headers of a request, which AWS repeats if the signature does not match.
  /\b((?:x-amz-security-token|authorization|proxy-authorization)["']?\s*:\s*["']?)[^\n"']+/gi,
  /\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{8,}=*/gi,
  /(?<![\w/])((?:(?:aws_?)?secret_?access_?key|(?:aws_?)?session_?token|client_?secret|api_?key|password|passwd)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi,
  // The address of a webhook of Slack, Teams or Mattermost lets its reader write to the channel.
  /\b(https?:\/\/(?:hooks\.slack\.com\/|[\w.-]+\.webhook\.office\.com\/|[^\s/"'<>]+\/hooks\/))[^\s"'<>]+/gi,
  // https://user:password@host/
  /(\w:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/g,
];

/** This process's own credentials: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const OWN = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];
/** Shorter values are from tests, and may be part of any word. */
const LEAST_LETTERS = 16;

/** Returns a text without credentials and other secrets, for logs, rows and causes of executions. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const name of OWN) {
    const secret = process.env[name] ?? '';
    if (secret.length >= LEAST_LETTERS) shown = shown.replaceAll(secret, HIDDEN);
  }
  return SECRETS.reduce((left, pattern) => left.replace(pattern, `$1${HIDDEN}`), shown);
}
