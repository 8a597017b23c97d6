import { FUNCTIONS } from '../../core/base/functions.ts';

/** Why a check of checkov may fail, and on which resources; on any other one it may not. */
export type Reason = { check: string; about: string; why: string; resources: string[] };

const LOGICAL = FUNCTIONS.map((name) => `${name[0]!.toUpperCase()}${name.slice(1)}`);
const functions = LOGICAL.map((name) => `AWS::Lambda::Function.${name}LambdaFunction`);
const bucket = (name: string) => `AWS::S3::Bucket.${name}Bucket`;

/** What checkov asks for and we leave out on purpose. Each line costs nothing but this sentence; most would cost money. */
export const REASONS: Reason[] = [
  {
    check: 'CKV_AWS_18',
    about: "S3's access logs",
    why: "They are no evidence: S3 delivers them late, and not all of them. They would need a fifth bucket, of file names and addresses. Who wants to know who read what turns on CloudTrail's data events, for the whole account.",
    resources: [bucket('ServerlessDeployment'), bucket('Inbox'), bucket('Results'), bucket('Models')],
  },
  {
    check: 'CKV_AWS_115',
    about: 'a reserved share of the concurrency quota',
    why: 'It is a parameter (preprocessAtOnce, inferAtOnce). By default there is none: AWS refuses a reservation to an account whose quota is small, as every new one is. Throttling is retried.',
    resources: functions,
  },
  {
    check: 'CKV_AWS_116',
    about: "Lambda's dead-letter queues",
    why: 'They are for events that nobody waits for. Step Functions and the dashboard wait; a failure goes to Settle and into the ledger. The rules and the queues have a dead-letter queue. Whoever asks over HTTP waits, too. Nobody waits for the webhook: an alarm tells of what it gave up, and what that said stands in CloudWatch and the e-mails. What the schedule asks of watch, it asks again the next day.',
    resources: functions,
  },
  {
    check: 'CKV_AWS_117',
    about: 'a VPC',
    why: 'There is nothing private for a function to reach: S3, DynamoDB, CloudWatch and Step Functions have public endpoints with TLS and IAM. A NAT gateway costs $32 a month and interface endpoints $7 each, where all of the rest costs $5.',
    resources: functions,
  },
  {
    check: 'CKV_AWS_119',
    about: 'tables with a KMS key of ours',
    why: "They are encrypted, with DynamoDB's own key. One of ours costs $1 a month and every request, and what it closes is closed already: the tables hold names and counts, and IAM says who reads them. A key that went with a stack would take the kept tables with it.",
    resources: ['FeaturesTable', 'LedgerTable', 'MetricsTable'].map((id) => `AWS::DynamoDB::Table.${id}`),
  },
  {
    check: 'CKV_AWS_158',
    about: 'log groups with a KMS key of ours',
    why: "They are encrypted, with CloudWatch's own key. A line holds no secret and nothing of a file (test/nothingLeaks.test.ts); a key of ours costs $1 a month, and its policy would have to let another service in.",
    resources: [...LOGICAL, 'Work', 'Server', 'Training'].map((name) => `AWS::Logs::LogGroup.${name}LogGroup`),
  },
  {
    check: 'CKV_AWS_173',
    about: 'environment variables with a KMS key of ours',
    why: "They are encrypted, with Lambda's own key, and hold names and numbers, which stand in this repository; no secret.",
    resources: functions,
  },
  {
    check: 'CKV_AWS_27',
    about: 'the queues with a KMS key',
    why: "They are encrypted, with SQS's own key (SqsManagedSseEnabled), of which this check knows nothing. EventBridge could not use AWS's KMS key for SQS, and one of ours costs $1 a month.",
    resources: [
      'DeadLetterQueue',
      'ArrivalsQueue',
      'RequestsQueue',
      'CountsQueue',
      'FeedItemsQueue',
      'WarehouseQueue',
    ].map((name) => `AWS::SQS::Queue.${name}`),
  },
  {
    check: 'CKV_AWS_59',
    about: 'methods without an authorizer',
    why: 'Whoever asks for what costs something has a key. Whether it is up, and how to ask, is for all: load balancers and browsers send none. What that may cost is bounded: two requests a second each.',
    resources: ['ApiHealthzGet', 'ApiOpenapijsonGet', 'ApiDocsGet'].map((name) => `AWS::ApiGateway::Method.${name}`),
  },
  {
    check: 'CKV_AWS_73',
    about: "X-Ray's traces",
    why: 'A request is one call of one function, whose log line says how long it took and why: a trace would say the same, for $5 a million.',
    resources: ['AWS::ApiGateway::Stage.ApiStage'],
  },
  {
    check: 'CKV_AWS_76',
    about: "the gateway's access logs",
    why: 'They need a role that is a setting of the whole account and region, which one stage cannot make without taking it from others. Each call has its line in the log of its function; what the gateway refuses, it counts.',
    resources: ['AWS::ApiGateway::Stage.ApiStage'],
  },
  {
    check: 'CKV_AWS_120',
    about: "the gateway's cache",
    why: 'The smallest costs $14 a month. Predictions are asked for by POST, which it does not keep, and what is kept of the rest would be late by a promotion.',
    resources: ['AWS::ApiGateway::Stage.ApiStage'],
  },
  {
    check: 'CKV_AWS_7',
    about: "the yearly rotation of the topic's key",
    why: 'Each of the first two rotations costs another $1 a month. The key covers what alarms say, for the seconds until it is delivered; nothing that is kept.',
    resources: ['AWS::KMS::Key.AlarmKey'],
  },
  {
    check: 'CKV_AWS_65',
    about: "Container Insights of the servers' cluster",
    why: 'Their metrics are billed as custom ones, $0.30 a month each. ECS itself counts processor time and memory of the service, and the load balancer requests, failures, times and servers that are ready.',
    resources: ['AWS::ECS::Cluster.Cluster'],
  },
  {
    check: 'CKV_AWS_91',
    about: "the load balancer's access logs",
    why: 'They would need a bucket, of callers and their addresses, that a deletion of the stack leaves behind. What fails is counted, and alarms watch it. Who wants them names a bucket in an attribute of the load balancer.',
    resources: ['AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancer'],
  },
];
