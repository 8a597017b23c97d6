import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { FeatureSource } from '../../core/features/contract.ts';
import { makeFeatureTable } from '../../core/features/featureTable.ts';
import type { Settings } from '../../core/parameters/settings.ts';
import { connectTablesFor } from '../tables.ts';

export type FeatureSettings = Pick<Settings, 'featureSource' | 'featuresTable'>;

/** Opens what the parameter featureSource names: the stage's own table, SageMaker Feature Store, or Parquet in S3. */
export async function openFeatures({ featureSource, featuresTable }: FeatureSettings): Promise<FeatureSource> {
  if (featureSource === '') return makeFeatureTable(connectTablesFor({ BatchGetCommand }), featuresTable);
  if (featureSource === 'sagemaker') return (await import('./featureGroups.ts')).featureGroups();
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(featureSource) ?? [];
  return (await import('./featuresInBucket.ts')).featuresIn(bucket, prefix);
}
