import { S3Client } from '@aws-sdk/client-s3';
import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { TransientTrouble } from '../core/base/errors.ts';
import { listIn } from '../core/parameters/listIn.ts';
import { patience } from './patience.ts';

/** How long new keys may go unnoticed. */
const KEPT_MILLISECONDS = 600_000;

/**
 * Makes clients for buckets of stores that speak S3, and are not AWS's.
 *
 * @param endpoints BUCKET=ADDRESS, several separated by commas
 * @param parameter the SSM parameter that holds BUCKET=KEY:SECRET for each of them
 */
export function otherStores(endpoints = '', parameter = '', read = readSecret) {
  const addresses = entriesIn(endpoints);
  const client = keptFor(KEPT_MILLISECONDS, async (bucket: string) => {
    const keys = entriesIn((await read(parameter)) ?? '').get(bucket);
    const [accessKeyId = '', secretAccessKey = ''] = keys?.split(/:(.*)/s) ?? [];
    if (accessKeyId === '' || secretAccessKey === '')
      throw new TransientTrouble(
        `The SSM parameter ${parameter} holds no keys of the bucket ${bucket}, allowed is ${bucket}=KEY:SECRET, with those of other buckets after a comma. Write all of them: aws ssm put-parameter --overwrite --type SecureString --name ${parameter} --value …`,
      );
    const credentials = { accessKeyId, secretAccessKey };
    const place = { endpoint: addresses.get(bucket)!, region: 'default', forcePathStyle: true };
    return new S3Client({ ...patience, ...place, credentials, responseChecksumValidation: 'WHEN_REQUIRED' });
  });
  const buckets = [...addresses.keys()];
  return { buckets, clientOf: async (bucket: string) => (addresses.has(bucket) ? client(bucket) : undefined) };
}

const entriesIn = (text: string) =>
  new Map(listIn(text).map((entry): [string, string] => entry.trim().split(/=(.*)/s) as [string, string]));

const readSecret = async (name: string) => (await import('./parameterStore.ts')).secretIn(name)();
