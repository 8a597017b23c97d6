import type { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-s3';
import { inOrder, slices } from '../core/base/concurrency/inOrder.ts';
import { ObjectNotFound, ObjectTooLarge, onError, TransientTrouble } from '../core/base/errors.ts';
import { MAX_KEY_BYTES, MAX_SIBLING_BYTES } from '../core/base/limits.ts';
import { type SceneRef, sceneId } from '../core/base/messages.ts';
import type * as store from '../core/base/objectStore.ts';
import { nullIfNotFound } from '../core/base/objectStore.ts';
import { urlDecoded } from '../core/base/text/urlDecoded.ts';
import { patience } from './patience.ts';

/** S3 behind the object store's ports. A PutObject is atomic, so nothing half-written is ever visible. */

/**
 * S3's own checksum of what is read is compared where a request asks for it. For a scene file none does: the usual one is a
 * CRC-64 by now, which takes the SDK 74 µs a chip of 47 kB, half as long as the model; TLS has seen to the way, and of the
 * bytes there is the file's own CRC-32C, each of them.
 */
const COMPARED = { ChecksumMode: 'ENABLED' } as const;
export const client = new sdk.S3Client({ ...patience, responseChecksumValidation: 'WHEN_REQUIRED' });

export async function openScene(scene: SceneRef, s3 = client): Promise<store.OpenedScene> {
  const object = { Bucket: scene.bucket, Key: scene.key, VersionId: scene.versionId };
  const sent = s3.send(new sdk.GetObjectCommand(object));
  const { Body, ContentLength, LastModified } = await found(`${nameOf(object)},`, sent);
  const body = Body as Readable;
  body.on('error', () => {}); // it is thrown where the bytes are read, which may be later than it happens
  return {
    size: ContentLength ?? 0,
    lastModified: LastModified ?? new Date(0),
    chunks: body,
    range: (offset, length) => readRangeOf(s3)(scene, offset, length),
    sibling: (key, limit = MAX_SIBLING_BYTES) => readFrom(scene.bucket, s3)(key, limit).catch(nullIfNotFound),
    close: () => body.destroy(),
    // A version never changes.
    hasChanged: async () => false,
  };
}

export function readRangeOf(s3 = client): store.ReadRange {
  return ({ bucket: Bucket, key: Key, versionId: VersionId }, offset, length) =>
    readPiece(s3, { Bucket, Key, VersionId }, offset, length);
}

export function readPieceFrom(Bucket: string, s3 = client): store.ReadPiece {
  return (Key, offset, length) => readPiece(s3, { Bucket, Key }, offset, length);
}

const nameOf = ({ Bucket, Key, VersionId }: sdk.GetObjectCommandInput): string =>
  `s3://${Bucket}/${Key}${VersionId === undefined ? '' : `, version ${VersionId}`}`;

export async function readPiece(s3: sdk.S3Client, object: sdk.GetObjectCommandInput, offset: number, length: number) {
  const Range = `bytes=${offset}-${offset + length - 1}`;
  const { Body } = await found(`${nameOf(object)}, ${Range},`, s3.send(new sdk.GetObjectCommand({ ...object, Range })));
  return bytesOf(Body);
}

export const bytesOf = async (Body: sdk.GetObjectCommandOutput['Body']): Promise<Uint8Array> =>
  (await Body?.transformToByteArray()) ?? new Uint8Array();

export function readFrom(bucket: string, s3 = client): store.ReadObject {
  return async (key, limit = Number.POSITIVE_INFINITY, makeBuffer) => {
    const what = `s3://${bucket}/${key}`;
    const request = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...COMPARED });
    const { Body, ContentLength = 0 } = await found(what, s3.send(request));
    if (ContentLength > limit) {
      (Body as Readable).on('error', () => {}).destroy();
      throw new ObjectTooLarge(what, ContentLength, limit);
    }
    if (makeBuffer !== undefined && Body !== undefined)
      return readInto(makeBuffer(ContentLength), Body as Readable, what);
    return bytesOf(Body);
  };
}

async function readInto(bytes: Uint8Array, body: Readable, what: string): Promise<Uint8Array> {
  let have = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (have + chunk.length > bytes.length) break;
    bytes.set(chunk, have);
    have += chunk.length;
  }
  if (have !== bytes.length)
    throw new TransientTrouble(`${what} came with another length than its ${bytes.length} bytes.`);
  return bytes;
}

export function writeTo(bucket: string, s3 = client): store.WriteObject {
  return async (key, bytes) => {
    await s3.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
  };
}

/** An object's id, by which it is removed ("null" without versions), and its entity tag, which a conditional write compares. */
export const versionName = (VersionId = 'null', ETag = ''): string => `${VersionId} ${ETag}`;

export function readVersionFrom(bucket: string, s3 = client): store.ReadVersion {
  return async (key) => {
    const request = new sdk.GetObjectCommand({ Bucket: bucket, Key: key });
    const object = await found(`s3://${bucket}/${key}`, s3.send(request)).catch(nullIfNotFound);
    return object && { bytes: await bytesOf(object.Body), version: versionName(object.VersionId, object.ETag) };
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function replaceVersionIn(bucket: string, s3 = client): store.ReplaceVersion {
  return async (key, bytes, version) => {
    const isAsRead = version === null ? { IfNoneMatch: '*' } : { IfMatch: version.slice(version.indexOf(' ') + 1) };
    const request = new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ...isAsRead });
    // 404: what was read is gone; 409: another write came to an end meanwhile; 412: it is another object.
    const written = await s3.send(request).catch(onStatus([404, 409, 412], () => null));
    return written && versionName(written.VersionId, written.ETag);
  };
}

export const resultsIn = (bucket: string): store.Results => ({
  readResult: readFrom(bucket),
  readPiece: readPieceFrom(bucket),
  writeResult: writeTo(bucket),
  readVersion: readVersionFrom(bucket),
  replaceVersion: replaceVersionIn(bucket),
  removeVersion: removeVersionFrom(bucket),
});

export function listVersionsIn(bucket: string, s3 = client): store.ListVersions {
  return async (prefix) => {
    const versions: store.ObjectVersion[] = [];
    const request = { Bucket: bucket, Prefix: prefix, EncodingType: 'url' } as const;
    let marker: Pick<sdk.ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> = {};
    for (;;) {
      const page = await s3.send(new sdk.ListObjectVersionsCommand({ ...request, ...marker }));
      for (const { Key, VersionId, ETag } of page.Versions ?? [])
        versions.push({ key: listedKey(page, Key), version: versionName(VersionId, ETag) });
      if (page.IsTruncated !== true) return versions;
      marker = { KeyMarker: listedKey(page, page.NextKeyMarker), VersionIdMarker: page.NextVersionIdMarker };
    }
  };
}

export function removeVersionFrom(bucket: string, s3 = client): store.RemoveVersion {
  return async ({ key, version }) => {
    await s3.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: version.split(' ')[0] }));
  };
}

export async function objectsUnder(Bucket: string, Prefix: string, s3: sdk.S3Client) {
  const pages = await Array.fromAsync(sdk.paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }));
  return pages.flatMap(({ Contents = [] }) => Contents);
}

export function listKeysIn(bucket: string, s3 = client): store.ListKeys {
  return async (prefix) => (await objectsUnder(bucket, prefix, s3)).map(({ Key }) => Key!);
}

export const bucketOf = (name: string, s3 = client): store.Bucket => ({
  read: readFrom(name, s3),
  write: writeTo(name, s3),
  list: listKeysIn(name, s3),
  readVersion: readVersionFrom(name, s3),
  replaceVersion: replaceVersionIn(name, s3),
});

/** S3 sorts keys by their bytes: no other character comes behind this one. */
const LAST_CHARACTER = '\u{10ffff}';

/** Lists every version of every object of the inbox under a prefix, a thousand a page, in S3's order of keys. */
export function listScenesIn(bucket: string, prefix = '', s3 = client): store.ListScenes {
  return async (cursor, { prefix: within = prefix, except } = {}) => {
    const left = (key: string) => except !== undefined && key.startsWith(except);
    const marker = cursor === null ? [] : (JSON.parse(cursor) as [string, string]);
    // One among keys that are not listed leads behind the last of them.
    const [KeyMarker, VersionIdMarker] = left(marker[0] ?? '') ? [`${except}${LAST_CHARACTER}`] : marker;
    // XML has no way to say U+0001 and its like, and makes a line feed of a carriage return; keys may hold both.
    const request = { Bucket: bucket, Prefix: within, KeyMarker, VersionIdMarker, EncodingType: 'url' } as const;
    const page = await s3.send(new sdk.ListObjectVersionsCommand(request));
    const scenes = listedScenes(bucket, page).filter(({ key }) => !left(key));
    const next = [listedKey(page, page.NextKeyMarker), page.NextVersionIdMarker];
    return { scenes, cursor: page.IsTruncated === true ? JSON.stringify(next) : null };
  };
}

/** The versions that a page shows, in its order: of a key, the newest first. */
const listedScenes = (bucket: string, page: sdk.ListObjectVersionsCommandOutput): store.ListedScene[] =>
  (page.Versions ?? []).map(({ Key, VersionId = 'null', ...version }) => ({
    bucket,
    key: listedKey(page, Key),
    versionId: VersionId,
    ...listedOf(version),
  }));

/** What S3 says of a version, as a listing shows it. */
export const listedOf = ({ LastModified, Size, ETag }: Pick<sdk.ObjectVersion, 'LastModified' | 'Size' | 'ETag'>) => ({
  ...(LastModified !== undefined && { lastModified: LastModified.toISOString() }),
  ...(Size !== undefined && { size: Size }),
  ...(ETag !== undefined && { etag: ETag.replaceAll('"', '') }),
});

/** Keys that are looked up one page after the other; of a great many that lie apart, several such runs at once. */
const KEYS_OF_A_RUN = 64;
const RUNS_AT_ONCE = 8;
const MAX_LISTED = 1000; // ListObjectVersions
/** A key that lies alone among others is looked up with so many versions, which are more than most have. */
const FEW_LISTED = 24;

/**
 * Looks keys up in pages of a listing, each of which begins with the first key that is left: keys that lie beside one another,
 * as those of one delivery do, take one request together, and none takes more than one. Of a great many, one page from the first
 * of them is seen before the others are looked up at the same time: most often it shows them all.
 */
export function lookUpScenesIn(bucket: string, s3 = client): store.LookUpScenes {
  return async (scenes) => {
    const wanted = new Set(scenes.map(sceneId));
    const keys = [...new Set(scenes.map(({ key }) => key))].sort(byBytes);
    const first = keys.length > KEYS_OF_A_RUN ? await pageOf(keys, false) : { scenes: [], count: 0 };
    const runs = slices(keys.slice(first.count), KEYS_OF_A_RUN);
    const others = await Array.fromAsync(inOrder(runs, RUNS_AT_ONCE, lookUp));
    return [...first.scenes, ...others.flat()].filter((scene) => wanted.has(sceneId(scene)));
  };

  async function lookUp(keys: readonly string[]): Promise<store.ListedScene[]> {
    const found: store.ListedScene[] = [];
    let isAlone = false;
    for (let at = 0; at < keys.length; ) {
      const { scenes, count } = await pageOf(keys.slice(at), isAlone);
      found.push(...scenes);
      isAlone = count === 1;
      at += count;
    }
    return found;
  }

  /** A page that begins with the first of some keys: what it shows of those that it covers, and how many they are, one at least. */
  async function pageOf(keys: readonly string[], isAlone: boolean) {
    const MaxKeys = isAlone ? FEW_LISTED : Math.min(MAX_LISTED, 2 * keys.length + FEW_LISTED);
    const request = { Bucket: bucket, EncodingType: 'url', MaxKeys, ...beginningAt(keys[0]!) } as const;
    const page = await s3.send(new sdk.ListObjectVersionsCommand(request));
    const covered = keys.findIndex((key) => !isCovered(key, request.Prefix, page));
    const count = Math.max(1, covered < 0 ? keys.length : covered);
    // What one page ends with, the next one shows whole.
    const own = new Set(keys.slice(0, count));
    return { scenes: listedScenes(bucket, page).filter(({ key }) => own.has(key)), count };
  }
}

/** Whether a page shows all that there is of a key: what it ends with, it may show in part. */
function isCovered(key: string, prefix: string | undefined, page: sdk.ListObjectVersionsCommandOutput): boolean {
  if (prefix !== undefined && !key.startsWith(prefix)) return false;
  return page.IsTruncated !== true || byBytes(key, listedKey(page, page.NextKeyMarker)) < 0;
}

/** What a page is asked for by that begins with a key: those behind a text that comes just before it. */
function beginningAt(key: string): { KeyMarker?: string; Prefix?: string } {
  const letters = [...key];
  const last = letters.pop()!.codePointAt(0)!;
  const before = last === 0xe000 ? 0xd7ff : last - 1; // between them are halves of letters
  const KeyMarker = `${letters.join('')}${before > 0 ? String.fromCodePoint(before) + LAST_CHARACTER : ''}`;
  return KeyMarker === '' || Buffer.byteLength(KeyMarker) > MAX_KEY_BYTES ? { Prefix: key } : { KeyMarker };
}

/** The order of S3's listings. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** A key of a listing that was asked for with the encoding "url". */
export function listedKey({ EncodingType }: { EncodingType?: string | undefined }, text = ''): string {
  // A stand-in for S3 may encode less than it says.
  return EncodingType === 'url' ? (urlDecoded(text.replaceAll('+', ' ')) ?? text) : text;
}

/** What S3 answers. Throws `ObjectNotFound` where there is no such object. */
export function found<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  // 416: the object is shorter than the range, so it is not the one that was asked for any more.
  const missing = onStatus([404, 416], (cause): never => {
    throw new ObjectNotFound(`${what} does not exist.`, { cause });
  });
  return answer.catch(missing);
}

/** Makes the `catch` of a request to S3 that handles the answers of some HTTP statuses, and throws all other errors. */
export const onStatus = <Result>(statuses: readonly number[], handle: (error: sdk.S3ServiceException) => Result) =>
  onError(sdk.S3ServiceException, (error): Result => {
    if (!statuses.includes(error.$metadata.httpStatusCode ?? 0)) throw error;
    return handle(error);
  });
