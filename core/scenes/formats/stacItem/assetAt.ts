import { posix } from 'node:path';
import { citedStart, InvalidSceneFile, onError } from '../../../base/errors.ts';
import { lazily } from '../../../base/lazily.ts';
import type { OpenAsset, OpenedAsset } from '../../../base/objectStore.ts';
import { urlDecoded } from '../../../base/text/urlDecoded.ts';
import { isListedHost, shownAddress } from '../../../base/text/webAddress.ts';

export type AssetPlaces = {
  /** In the Item's own bucket, the prefixes that their keys may have. */
  readonly prefixes: readonly string[];
  /** Other buckets, each as a whole. */
  readonly buckets: readonly string[];
  /** Hosts of web addresses, as `isListedHost` compares them. */
  readonly hosts: readonly string[];
};

/** Returns where the assets of an Item may be, which may be more than for others. */
export type PlacesOf = (item: AssetAt) => Promise<AssetPlaces>;
/** Redirects of a web address may lead to the hosts. */
export type OpenAt<At = AssetAt | URL> = (at: At, hosts: readonly string[]) => Promise<OpenedAsset>;

export type AssetAt = { readonly bucket: string; readonly key: string };

const SHOWN_LETTERS = 200;

/** Makes what opens the assets of an Item where they are allowed. */
export function makeOpenAsset(item: AssetAt, placesOf: PlacesOf, open: OpenAt): OpenAsset {
  const ofItem = lazily(() => placesOf(item));
  const find = async (href: string) => {
    const places = await ofItem();
    return [webAddress(href, places.hosts) ?? assetAt(item, href, places), places.hosts] as const;
  };
  const no = onError(InvalidSceneFile, () => false);
  const isAllowed = (href: string) => find(href).then(Boolean).catch(no);
  return Object.assign(async (href: string) => open(...(await find(href))), { isAllowed });
}

/** Returns the web address of an `href` at one of the hosts: `https://…`, or that of Google's storage for `gs://bucket/key`. */
export function webAddress(href: string, hosts: readonly string[]): URL | undefined {
  const [, inGoogle] = /^gs:\/\/(.+)$/is.exec(href) ?? [];
  const path = inGoogle?.split('/').map(encodeURIComponent).join('/');
  const url = URL.parse(path === undefined ? href : `https://storage.googleapis.com/${path}`);
  const isAllowed = url?.protocol === 'https:' && url.username + url.password === '' && isListedHost(url.host, hosts);
  return isAllowed ? url : undefined;
}

/**
 * Returns the object that an asset's `href` refers to, for an Item at that bucket and key: a path relative to the Item's
 * folder, percent-encoded as in a URI, or `s3://bucket/key`, whose key is taken literally.
 * @throws {InvalidSceneFile} when it is neither, or lies where no assets are allowed
 */
export function assetAt(item: AssetAt, href: string, { prefixes, buckets, hosts }: AssetPlaces): AssetAt {
  const refuse = (found: string) =>
    new InvalidSceneFile(
      `${item.key}: found ${found} ${citedStart(shownAddress(href), SHOWN_LETTERS)}, allowed are ${allowed({ prefixes, buckets, hosts })}`,
    );
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(href) ?? [];
  if (scheme !== undefined && scheme.toLowerCase() !== 's3')
    throw refuse(`an asset at an address of ${scheme.toLowerCase()},`);
  const at = scheme === undefined ? besideItem(item, href) : inS3(href);
  if (at === null) throw refuse('an asset at');
  const isOwn = at.bucket === item.bucket && prefixes.some((prefix) => at.key.startsWith(prefix));
  if (!isOwn && !buckets.includes(at.bucket)) throw refuse('an asset outside of what may be read, at');
  return at;
}

function besideItem({ bucket, key }: AssetAt, href: string): AssetAt | null {
  const path = urlDecoded(href);
  if (path === undefined) return null;
  const found = posix.join(posix.dirname(key), path);
  const isFile = !['', '.', '..'].includes(posix.basename(path)) && !path.endsWith('/') && !path.includes('\0');
  const isWithin = !path.startsWith('/') && !found.startsWith('../');
  return isFile && isWithin ? { bucket, key: found } : null;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function inS3(href: string): AssetAt | null {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/is.exec(href) ?? [];
  return bucket === undefined || key === undefined || key.endsWith('/') ? null : { bucket, key };
}

function allowed({ prefixes, buckets, hosts }: AssetPlaces): string {
  const within = prefixes.includes('') ? 'the inbox' : `the inbox under ${prefixes.join(' or ')}`;
  const others = buckets.length > 0 ? ` and of the buckets ${buckets.join(', ')}` : '';
  const web = hosts.length > 0 ? ` and at https addresses of ${hosts.join(', ')}` : '';
  return `files of ${within}${others}${web}: write a path from the Item, such as "./scene.assets/B02.tif", or s3://bucket/key. Copy the file there`;
}
