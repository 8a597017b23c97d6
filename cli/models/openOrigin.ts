import { S3Client } from '@aws-sdk/client-s3';
import { readFrom } from '../../aws/bucket.ts';
import { makeHttpGet } from '../../aws/httpGet.ts';
import { accessByEnvironment, openRegistered } from '../../core/releases/origins/mlflow.ts';
import { type Origin, originText } from '../../core/releases/origins/origin.ts';
import { filesAt, filesUnder, type PackageSource } from '../../core/releases/origins/packageSource.ts';
import { type Account, clientConfig } from '../service/stack.ts';

/** Opens a package with the caller's credentials: AWS credentials for buckets, those of MLflow's own client for a registry. */
export async function openOrigin(origin: Origin, account: Account): Promise<PackageSource> {
  const get = makeHttpGet();
  const readBucket = (bucket: string) => readFrom(bucket, new S3Client(clientConfig(account)));
  if (origin.kind === 'mlflow')
    return openRegistered({ access: accessByEnvironment(process.env), get, readBucket }, origin);
  const read = origin.kind === 's3' ? filesUnder(readBucket(origin.bucket), origin.prefix) : filesAt(get, origin.url);
  return { where: originText(origin), readFile: read };
}
