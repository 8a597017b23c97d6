import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';

/** What S3 answers: a status, and an XML body where there is one. */
export type S3Answer = { status?: number; body?: string; headers?: Record<string, string> };

/** A real client, with answers in the place of a network; `asked` is "GET /bucket?query". */
export function s3That(answer: (asked: string, body: string) => S3Answer): S3Client {
  return new S3Client({
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: { method: string; path: string; query: Record<string, string>; body?: unknown }) => {
        const query = new URLSearchParams(request.query).toString();
        const {
          status = 200,
          body = '',
          headers = {},
        } = answer(`${request.method} ${request.path}${query === '' ? '' : `?${query}`}`, String(request.body ?? ''));
        return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } };
      },
    } as never,
  });
}
