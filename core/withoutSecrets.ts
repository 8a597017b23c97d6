const HIDDEN = '(hidden)';

/** What lets its reader in, and what stands in its place. */
const SECRETS: [pattern: RegExp, shown: string][] = [
  // The keys of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/\b(AKIA|ASIA)[A-Z0-9]{16,}\b/g, `$1${HIDDEN}`],
  // A signed address, and the Authorization header: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  [
    /\b(X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|Credential)=[^\s&"'<>,]+/gi,
    `$1=${HIDDEN}`,
  ],
  // The headers of a request, which AWS repeats where it does not find the signature that it expected.
  [/\b(x-amz-security-token|authorization|proxy-authorization)(["']?\s*:\s*["']?)[^\n"']+/gi, `$1$2${HIDDEN}`],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/-]{8,}=*/gi, `$1 ${HIDDEN}`],
  [
    /(?<![\w/])((?:aws_?)?secret_?access_?key|(?:aws_?)?session_?token|client_?secret|api_?key|password|passwd)(["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi,
    `$1$2${HIDDEN}`,
  ],
  // Whoever has a webhook's address may write to its channel: those of Slack, Teams and Mattermost.
  [
    /\b(https?:\/\/(?:hooks\.slack\.com\/|[\w.-]+\.webhook\.office\.com\/|[^\s/"'<>]+\/hooks\/))[^\s"'<>]+/gi,
    `$1${HIDDEN}`,
  ],
  // https://user:password@host/
  [/(\w:\/\/)[^\s/@:]*:[^\s/@]+@/g, `$1${HIDDEN}@`],
];

/** Where this process has its own credentials from: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const OWN = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];
/** Less is a test's, and may be a part of any word. */
const LEAST_LETTERS = 16;

/** A text without credentials and what else lets its reader in: what goes into a log, a row or an execution's cause. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const name of OWN) {
    const secret = process.env[name] ?? '';
    if (secret.length >= LEAST_LETTERS) shown = shown.replaceAll(secret, HIDDEN);
  }
  for (const [pattern, instead] of SECRETS) shown = shown.replace(pattern, instead);
  return shown;
}
