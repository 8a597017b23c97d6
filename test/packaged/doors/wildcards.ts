import { FUNCTIONS, type FunctionName, PIPELINE_FUNCTIONS } from '../../../core/base/functions.ts';
import { metrics } from '../../../core/metrics/allMetrics.ts';
import { NAMESPACE } from '../../../core/metrics/metrics.ts';
import { ofOnline } from '../../../core/metrics/onlineMetrics.ts';
import { roleOf } from '../functions.ts';
import type { Template } from '../template.ts';
import { statementsOf } from './statements.ts';

/** Wildcards that are allowed, `<whose> <action> <resource>`, for one reason; AWS's own word for it is behind the link. */
type Reason = { why: string; link: string; allowed: string[] };

/**
 * Every wildcard of the template, in the whole of what it allows. Where a name can be given, it is given: what stands
 * here has none, or none before it is there.
 */
export function wildcardReasons(template: Template): Reason[] {
  const here = 'us-east-1:123456789012';
  const bucket = (name: string) => `arn:aws:s3:::swath-dev-${name}-123456789012-us-east-1`;
  const role = (name: FunctionName) => roleOf(template, name);
  // What predict says, its log lines say.
  const publishing = [...metrics]
    .filter(([name]) => !(name in ofOnline))
    .flatMap(([, { publishers }]): readonly string[] => publishers);
  const loading = FUNCTIONS.filter((name) => name !== 'retry' && name !== 'webhook');
  return [
    {
      why: 'An object has no name before it is there: all of one folder of one bucket.',
      link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html',
      allowed: [
        ...loading.map((name) => `${role(name)} s3:GetObject ${bucket('models')}/*`),
        ...['*/*/*', '_watched/*', '*/shadow.json', '*/promoted.json'].map(
          (keys) => `${role('watch')} s3:PutObject ${bucket('models')}/${keys}`,
        ),
        ...(['preprocess', 'report', 'infer'] as const).map(
          (name) => `${role(name)} s3:GetObjectVersion ${bucket('inbox')}/*`,
        ),
        ...['GetObject', 'GetObjectVersion'].map((action) => `${role('predict')} s3:${action} ${bucket('inbox')}/*`),
        ...(['preprocess', 'infer'] as const).map((name) => `${role(name)} s3:GetObject ${bucket('inbox')}/*`),
        ...(['infer', 'drift', 'discover', 'settle'] as const).map(
          (name) => `${role(name)} s3:GetObject ${bucket('results')}/manifests/*`,
        ),
        `${role('infer')} s3:PutObject ${bucket('results')}/pieces/*`,
        `${role('infer')} s3:PutObject ${bucket('results')}/shadows/*`,
        `${role('mosaic')} s3:GetObject ${bucket('results')}/pieces/*`,
        ...['PutObject', 'AbortMultipartUpload', 'DeleteObjectVersion'].map(
          (action) => `${role('mosaic')} s3:${action} ${bucket('results')}/maps/*`,
        ),
        `${role('drift')} s3:PutObject ${bucket('results')}/maps/*`,
        ...(['discover', 'collect'] as const).map(
          (name) => `${role(name)} s3:PutObject ${bucket('results')}/manifests/*`,
        ),
        ...(['preprocess', 'report', 'infer'] as const).flatMap((name) =>
          ['requests', 'answered'].map(
            (folder) => `${role(name)} s3:GetObjectVersion ${bucket('results')}/${folder}/*`,
          ),
        ),
        ...['GetObject', 'PutObject'].flatMap((action) =>
          ['requests', 'answered', 'truth'].map(
            (folder) => `${role('collect')} s3:${action} ${bucket('results')}/${folder}/*`,
          ),
        ),
        `${role('collect')} s3:GetObject ${bucket('results')}/predictions/*`,
        ...['predictions', 'shadows'].map((folder) => `${role('watch')} s3:GetObject ${bucket('results')}/${folder}/*`),
        ...['GetObject', 'GetObjectVersion'].map((action) => `${role('collect')} s3:${action} ${bucket('inbox')}/*`),
        `${role('infer')} s3:GetObject ${bucket('results')}/predictions/*`,
        `${role('preprocess')} s3:PutObject ${bucket('results')}/prepared/*`,
        ...['GetObject', 'PutObject'].map(
          (action) => `${role('settle')} s3:${action} ${bucket('results')}/predictions/*`,
        ),
        `${role('infer')} s3:DeleteObjectVersion ${bucket('results')}/predictions/*`,
        ...(['preprocess', 'discover', 'settle'] as const).flatMap((name) =>
          ['predictions', 'maps'].map(
            (folder) => `${role(name)} s3:DeleteObjectVersion ${bucket('results')}/${folder}/*`,
          ),
        ),
        `${role('infer')} s3:GetObject ${bucket('results')}/prepared/*`,
        `${role('infer')} s3:PutObject ${bucket('results')}/predictions/*`,
        `${role('infer')} s3:PutObject ${bucket('results')}/summaries/*`,
        `${role('drift')} s3:GetObject ${bucket('results')}/summaries/*`,
        ...['predictions', 'truth'].map((folder) => `${role('report')} s3:GetObject ${bucket('results')}/${folder}/*`),
        `${role('report')} s3:PutObject ${bucket('results')}/reports/*`,
        ...['GetObject', 'PutObject'].flatMap((action) =>
          ['runs', 'metrics'].map((folder) => `${role('report')} s3:${action} ${bucket('results')}/${folder}/*`),
        ),
      ],
    },
    {
      why: 'An answer goes to the queue that its request names, of those that the parameter replyQueues allows: by default all that begin so.',
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html',
      allowed: [`${role('collect')} sqs:SendMessage arn:aws:sqs:${here}:swath-answers*`],
    },
    {
      why: "Lambda names the streams of a function's own log group as it goes.",
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html',
      allowed: FUNCTIONS.flatMap((name) =>
        ['logs:CreateLogStream', 'logs:PutLogEvents'].map(
          (action) => `${role(name)} ${action} arn:aws:logs:${here}:log-group:/aws/lambda/swath-dev-${name}:*`,
        ),
      ),
    },
    {
      why: 'An execution is named when it starts, by its run or by EventBridge: those of this state machine.',
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html',
      allowed: (['discover', 'settle'] as const).map(
        (name) => `${role(name)} states:DescribeExecution arn:aws:states:${here}:execution:swath-dev-pipeline:*`,
      ),
    },
    {
      why: 'A distributed Map starts executions of its own state machine, looks how they stand, and stops them with it.',
      link: 'https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html',
      allowed: ['DescribeExecution', 'StopExecution'].map(
        (action) => `PipelineRole states:${action} arn:aws:states:${here}:execution:swath-dev-pipeline:*`,
      ),
    },
    {
      why: 'An execution keeps the versions of the functions that it started with, so all of these must be callable.',
      link: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html',
      allowed: PIPELINE_FUNCTIONS.map(
        (name) => `PipelineRole lambda:InvokeFunction arn:aws:lambda:${here}:function:swath-dev-${name}:*`,
      ),
    },
    {
      why: `Metrics have no ARN; a condition names the one namespace, ${NAMESPACE}.`,
      link: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html',
      allowed: FUNCTIONS.filter((name) => publishing.includes(name)).map(
        (name) => `${role(name)} cloudwatch:PutMetricData *`,
      ),
    },
    {
      why: "In a key's own policy, * is that key; and without the account's line, nobody could ever delete it.",
      link: 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
      allowed: ['AlarmKey kms:* *', 'AlarmKey kms:Decrypt *'],
    },
    {
      why: 'What SNS asks of a key for CloudWatch, as its manual writes it.',
      link: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
      allowed: ['AlarmKey kms:GenerateDataKey* *'],
    },
  ];
}

/** Wildcards that nobody gave a reason for, and reasons for none that there is. */
export function wildcardProblems(template: Template, reasons: Reason[]): string[] {
  const found = new Set(
    statementsOf(template)
      .filter(({ isAllow }) => isAllow)
      .flatMap(({ owner, actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => `${owner} ${action} ${resource}`)),
      )
      .filter((grant) => /[*?]/.test(grant)),
  );
  const allowed = new Set(reasons.flatMap((reason) => reason.allowed));
  return [
    ...[...found].filter((grant) => !allowed.has(grant)).map((grant) => `${grant}: a wildcard without a reason`),
    ...[...allowed].filter((grant) => !found.has(grant)).map((grant) => `${grant}: a reason for what is not there`),
  ];
}
