import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { lazily } from '../core/base/lazily.ts';
import type { FeatureSource } from '../core/features/contract.ts';
import { makeFeatureTable } from '../core/features/featureTable.ts';
import type { Settings } from '../core/parameters/settings.ts';
import { connectTablesFor } from './tables.ts';

/** Where a stage's features are, by the parameter featureSource: its own table, Parquet in S3, or SageMaker Feature Store. */
export function featuresOf({
  featureSource,
  featuresTable,
}: Pick<Settings, 'featureSource' | 'featuresTable'>): FeatureSource {
  if (featureSource === '') return makeFeatureTable(connectTablesFor({ BatchGetCommand }), featuresTable);
  const source = lazily(() => openSource(featureSource));
  return { isOfTexts: featureSource === 'sagemaker', read: async (group, ids) => (await source()).read(group, ids) };
}

/** What reads the others is loaded where there is such. */
async function openSource(featureSource: string): Promise<Pick<FeatureSource, 'read'>> {
  if (featureSource === 'sagemaker') return (await import('./featureGroups.ts')).readFeatureGroups();
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(featureSource) ?? [];
  const [{ makeParquetFeatures }, { datasetIn }] = await Promise.all([
    import('../core/features/parquetFeatures.ts'),
    import('./dataset.ts'),
  ]);
  return makeParquetFeatures(datasetIn(bucket), prefix);
}
