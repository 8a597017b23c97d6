import type { S3Client } from '@aws-sdk/client-s3';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { FeatureSource } from '../../core/features/contract.ts';
import { makeFeatureTable } from '../../core/features/featureTable.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import { connectTablesFor } from '../tables.ts';

export type FeatureSettings = Pick<Settings, 'featureSource' | 'featuresTable'>;
/** Of the command line, which chooses the account; functions have their own. */
export type FeatureClients = { config?: { region?: string; profile?: string }; s3?: S3Client };

/** Opens what the parameter featureSource names: the stage's own table, SageMaker Feature Store, or Parquet in S3. */
export async function openFeatures(
  { featureSource, featuresTable }: FeatureSettings,
  { config, s3 }: FeatureClients = {},
): Promise<FeatureSource> {
  if (featureSource === '') return makeFeatureTable(connectTablesFor({ BatchGetCommand }), featuresTable);
  if (featureSource === 'sagemaker') return (await import('./featureGroups.ts')).featureGroups(config);
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(featureSource) ?? [];
  return (await import('./featuresInBucket.ts')).featuresIn(bucket, prefix, s3);
}
