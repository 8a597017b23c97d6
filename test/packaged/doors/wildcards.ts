import { FUNCTIONS, type FunctionName, PIPELINE_FUNCTIONS } from '../../../core/base/functions.ts';
import { metrics } from '../../../core/metrics/allMetrics.ts';
import { NAMESPACE } from '../../../core/metrics/metrics.ts';
import { ofOnline } from '../../../core/metrics/onlineMetrics.ts';
import { roleOf } from '../functions.ts';
import type { Template } from '../template.ts';
import { statementsOf } from './statements.ts';

/** Wildcards that are allowed, `<whose> <action> <resource>`, for one reason; AWS's own word for it is behind the link. */
type Reason = { why: string; link: string; allowed: string[] };

/** Which functions may do what with which bucket's objects. */
const OBJECTS = `
feeds | PutObject | models | _feeds/*/state.json
feeds | GetObject | models | _feeds/*
feeds | PutObject | inbox | feeds/*
watch | PutObject | models | */*/* _watched/* */shadow.json */promoted.json
preprocess preprocessCubes report infer | GetObjectVersion | inbox | *
preprocess preprocessCubes infer | GetObject | inbox | *
predict collect | GetObject GetObjectVersion | inbox | *
infer drift discover settle | GetObject | results | manifests/*
discover collect | PutObject | results | manifests/*
infer | PutObject | results | jobs/* pieces/* shadows/* predictions/* summaries/*
infer | GetObject | results | prepared/* predictions/* jobs/*
infer | DeleteObjectVersion | results | predictions/*
infer predict | GetObject PutObject | results | endpoints/*
mosaic | GetObject | results | pieces/*
mosaic | PutObject AbortMultipartUpload DeleteObjectVersion | results | maps/*
drift | PutObject | results | maps/*
drift | GetObject | results | summaries/*
preprocess preprocessCubes | GetObject | results | maps/*
preprocess preprocessCubes report infer | GetObjectVersion | results | requests/* answered/*
preprocess preprocessCubes | PutObject | results | prepared/*
preprocess preprocessCubes discover settle | DeleteObjectVersion | results | predictions/* maps/*
collect | GetObject PutObject | results | requests/* answered/* truth/*
collect | GetObject | results | predictions/*
watch | GetObject | results | predictions/* shadows/* truth/*
warehouse | GetObject | results | predictions/*
warehouse | PutObject | results | manifests/warehouse/*
settle | GetObject PutObject | results | predictions/*
report | GetObject | results | predictions/* truth/*
report | PutObject | results | reports/*
report | GetObject PutObject | results | runs/* metrics/*
`;

/**
 * Every wildcard of the template, in the whole of what it allows. Where a name can be given, it is given: what stands
 * here has none, or none before it is there.
 */
export function wildcardReasons(template: Template): Reason[] {
  const here = 'us-east-1:123456789012';
  const bucket = (name: string) => `arn:aws:s3:::swath-dev-${name}-123456789012-us-east-1`;
  const role = (name: FunctionName) => roleOf(template, name);
  /** A job does what infer would do, under a role of its own. */
  const rolesOf = (name: FunctionName) => (name === 'infer' ? [role(name), 'WorkRole'] : [role(name)]);
  const ofObjects = (line: string) => {
    const [who = '', actions = '', of = '', keys = ''] = line.split(' | ');
    const resources = keys.split(' ').map((key) => `${bucket(of)}/${key}`);
    const granted = actions.split(' ').flatMap((action) => resources.map((resource) => `s3:${action} ${resource}`));
    return who
      .split(' ')
      .flatMap((name) => rolesOf(name as FunctionName).flatMap((id) => granted.map((one) => `${id} ${one}`)));
  };
  // What predict says, its log lines say.
  const publishing = [...metrics]
    .filter(([name]) => !(name in ofOnline))
    .flatMap(([, { publishers }]): readonly string[] => publishers);
  const loading = FUNCTIONS.filter((name) => !['retry', 'webhook', 'feeds', 'warehouse'].includes(name));
  return [
    {
      why: 'An object has no name before it is there: all of one folder of one bucket.',
      link: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html',
      allowed: [
        ...loading.flatMap(rolesOf).map((id) => `${id} s3:GetObject ${bucket('models')}/*`),
        ...OBJECTS.trim().split('\n').flatMap(ofObjects),
        ...[role('collect'), role('predict')].map((id) => `${id} s3:GetObject arn:aws:s3:::swath-lake/lake/*`), // featureSource
      ],
    },
    {
      why: 'An answer goes to the queue that its request names, of those that the parameter replyQueues allows: by default all that begin so.',
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html',
      allowed: [`${role('collect')} sqs:SendMessage arn:aws:sqs:${here}:swath-answers*`],
    },
    {
      why: 'Lambda and ECS name the streams of a log group of ours as they go.',
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html',
      allowed: [
        ...FUNCTIONS.map((name) => [role(name), `lambda/swath-dev-${name}`]),
        ...['WorkExecutionRole', 'WorkInstanceRole'].map((id) => [id, 'batch/swath-dev-work']),
      ].flatMap(([id, group]) =>
        ['CreateLogStream', 'PutLogEvents'].map(
          (action) => `${id} logs:${action} arn:aws:logs:${here}:log-group:/aws/${group}:*`,
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
      why: 'A job definition has a new revision with each change, and a request names the one that it gets.',
      link: 'https://docs.aws.amazon.com/batch/latest/userguide/iam-example-restrict-job-submission.html',
      allowed: [`PipelineRole batch:SubmitJob arn:aws:batch:${here}:job-definition/swath-dev-work:*`],
    },
    {
      why: 'A job has no name before it is there, and to look at one or to log in to ECR knows no resource at all.',
      link: 'https://docs.aws.amazon.com/batch/latest/userguide/batch-supported-iam-actions-resources.html',
      allowed: [
        `PipelineRole batch:TerminateJob arn:aws:batch:${here}:job/*`,
        'PipelineRole batch:DescribeJobs *',
        'WorkExecutionRole ecr:GetAuthorizationToken *',
      ],
    },
    {
      why: "Batch names a cluster after its environment, with digits of its own behind it, and ECS an instance's place in it.",
      link: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html',
      allowed: [
        ...'DeregisterContainerInstance RegisterContainerInstance SubmitAttachmentStateChanges SubmitContainerStateChange SubmitTaskStateChange'
          .split(' ')
          .map((action) => `WorkInstanceRole ecs:${action} arn:aws:ecs:${here}:cluster/AWSBatch-swath-dev-*`),
        ...'Poll StartTelemetrySession TagResource UpdateContainerInstancesState'
          .split(' ')
          .map(
            (action) => `WorkInstanceRole ecs:${action} arn:aws:ecs:${here}:container-instance/AWSBatch-swath-dev-*`,
          ),
        'WorkInstanceRole ecs:DiscoverPollEndpoint *',
      ],
    },
    {
      why: "A statement of Redshift's Data API has no ARN; a condition names who has begun it. A workgroup's ARN ends in an id that its name does not tell.",
      link: 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonredshiftdataapi.html',
      allowed: [
        'redshift-data:DescribeStatement *',
        ...[
          'redshift-data:BatchExecuteStatement',
          'redshift-data:DescribeTable',
          'redshift-serverless:GetCredentials',
        ].map((action) => `${action} arn:aws:redshift-serverless:${here}:workgroup/*`),
      ].map((grant) => `${role('warehouse')} ${grant}`),
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
