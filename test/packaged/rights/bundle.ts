import * as cloudWatch from '@aws-sdk/client-cloudwatch';
import * as dynamoDb from '@aws-sdk/client-dynamodb';
import * as glue from '@aws-sdk/client-glue';
import * as redshiftData from '@aws-sdk/client-redshift-data';
import * as s3 from '@aws-sdk/client-s3';
import * as featureStore from '@aws-sdk/client-sagemaker-featurestore-runtime';
import * as sageMaker from '@aws-sdk/client-sagemaker-runtime';
import * as stepFunctions from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';

/** What a bundle may ask AWS for, as it stands in the bundle itself. */
export type Bundle = {
  /** Commands by their names, such as `GetItem`. */
  commands: string[];
  /** Indexes that it names in its queries. */
  indexes: string[];
};

/**
 * Reads it from a bundle's text: the SDK makes each command by a call with its name, `class extends command(…, "GetItem", …)` or `(0, other.command)(…)`,
 * and there is none that is not in use, as esbuild leaves those out. If the SDK comes to write them in another way, the story
 * sends commands that are not found here, and says so.
 */
export function readBundle(text: string): Bundle {
  const commands = [
    ...text.matchAll(/\bclass(?: [\w$]+)? extends(?: [\w$]+|\s*\(0,[\w$]+\.[\w$]+\))\([^(){}]*,"(\w+)",[\w$.]+\)/g),
  ];
  const indexes = [...text.matchAll(/\bIndexName:"(\w+)"/g)];
  const named = (found: RegExpExecArray[]) => [...new Set(found.map(([, name]) => name!))].sort();
  return { commands: named(commands).filter((name) => !(name in BROUGHT_ALONG)), indexes: named(indexes) };
}

/** Commands that a client holds for itself, whatever it is asked. */
const BROUGHT_ALONG: Record<string, string> = {
  CreateSession: 'for directory buckets, of which there is none',
  PutObjectTagging: 'for uploads with tags, of which there is none',
  DescribeEndpoints: 'for DynamoDB where somebody has switched endpoint discovery on, which nobody has',
};

const CLIENTS: Record<string, object> = {
  glue,
  'redshift-data': redshiftData,
  cloudwatch: cloudWatch,
  dynamodb: dynamoDb,
  s3,
  sagemaker: { ...sageMaker, ...featureStore },
  sns,
  sqs,
  ssm,
  states: stepFunctions,
};

/** Where an action is not called as the command is. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html says which. */
const ACTIONS: Record<string, string[]> = {
  GetObject: ['s3:GetObject', 's3:GetObjectVersion'],
  CreateMultipartUpload: ['s3:PutObject'],
  UploadPart: ['s3:PutObject'],
  CompleteMultipartUpload: ['s3:PutObject'],
  HeadObject: ['s3:GetObject', 's3:GetObjectVersion'],
  DeleteObject: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  DeleteObjects: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  ListObjectsV2: ['s3:ListBucket'],
  ListObjectVersions: ['s3:ListBucketVersions'],
};

/** The actions that a command may need, one of them at least. */
export function actionsOf(command: string): string[] {
  const service = Object.keys(CLIENTS).find((name) => `${command}Command` in CLIENTS[name]!);
  return ACTIONS[command] ?? [`${service ?? 'an unknown service'}:${command}`];
}
