import { InvalidSceneFile, insteadOf } from '../core/base/errors.ts';
import { lazily } from '../core/base/lazily.ts';
import type { FeatureSource } from '../core/features/contract.ts';
import type { Settings } from '../core/parameters/settings.ts';

/** By their names: those of a bundle apart are of other classes. */
const asRefusal = insteadOf(
  ['ResourceNotFound', 'ValidationError', 'InvalidSceneFile'],
  ({ message }) => new InvalidSceneFile(message),
);

/**
 * Where a stage's features are, by the parameter featureSource: its own table, Parquet in S3, or SageMaker Feature Store. What reads them is
 * loaded when it is needed: few models take features.
 */
export function featuresOf(
  { featureSource }: Pick<Settings, 'featureSource'>,
  openTable: () => Promise<FeatureSource>,
): FeatureSource {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(featureSource) ?? [];
  const source = lazily(async (): Promise<Pick<FeatureSource, 'read'>> => {
    if (featureSource === '') return openTable();
    if (featureSource === 'sagemaker') return (await import('./apart/featureGroups.ts')).readFeatureGroups();
    return (await import('./apart/featuresInBucket.ts')).featuresIn(bucket, prefix);
  });
  const read: FeatureSource['read'] = async (group, ids) => (await source()).read(group, ids).catch(asRefusal);
  return { isOfTexts: featureSource === 'sagemaker', read };
}
