import * as z from 'zod';
import { citedStart } from '../base/errors.ts';
import { MAX_FEED_ITEMS } from '../base/limits.ts';
import { boxOfArea } from '../package/areaOfInterest.ts';
import { type Feed, FeedFailed, hostOf } from './feed.ts';

/** Asks a STAC API, by POST if there is a body; throws `FeedFailed` when there is no answer in JSON. */
export type AskApi = (url: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<unknown>;

const linkSchema = z.looseObject({
  rel: z.enum(['search', 'next']),
  href: z.string(),
  method: z.string().nullish(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish(),
  body: z.record(z.string(), z.unknown()).nullish(),
  merge: z.boolean().nullish(),
});
type Link = z.output<typeof linkSchema>;
/** Only links that a search follows are looked at: what leads nowhere is none. */
const links = z
  .nullish(z.array(z.unknown()))
  .transform((all) => (all ?? []).filter((one) => REL_AND_HREF.safeParse(one).success))
  .pipe(z.array(linkSchema));
const REL_AND_HREF = linkSchema.pick({ rel: true, href: true });
const landingSchema = z.object({ conformsTo: z.array(z.string()).nullish(), links });
const pageSchema = z.object({ features: z.array(z.unknown()), links });

/** https://github.com/stac-api-extensions/filter; a part of it is enough. */
const FILTER = /item-search#filter(:|$)/;
const PAGE = 100;
/** Headers of a link that are the sender's own, or say who asks, or where. */
const OWN_HEADERS =
  /^(accept|accept-.*|authorization|connection|content-.*|cookie|date|expect|forwarded|host|if-.*|keep-alive|metadata-.*|origin|proxy-.*|range|referer|sec-.*|te|trailer|transfer-.*|upgrade|user-agent|via|x-aws-.*|x-forwarded-.*)$/;

export type Found = { items: unknown[]; url: string };

/**
 * Searches a STAC API, one page after the other, for Items of a feed that were acquired within a time; where it can, the API leaves out what
 * is too cloudy. https://github.com/radiantearth/stac-api-spec/blob/main/item-search/README.md
 * @throws {FeedFailed} when it is no STAC API, or its pages come to no end
 */
export async function* searchItems(
  { api, collection, area, maxCloud }: Feed,
  [from, to]: readonly [Date, Date],
  ask: AskApi,
): AsyncGenerator<Found, void, void> {
  const landing = parse(landingSchema, await ask(api), api, 'the landing page of a STAC API');
  const searches = landing.links.filter(({ rel }) => rel === 'search');
  const search = searches.find(isPost) ?? searches[0];
  if (search === undefined)
    throw new FeedFailed(`${api}: found no link "search", allowed is the landing page of a STAC API with Item Search`);
  const time = [from, to].map((one) => one.toISOString().replace('.000', '')).join('/');
  const filter = maxCloud !== null && landing.conformsTo?.some((one) => FILTER.test(one)) ? cloudsUpTo(maxCloud) : {};
  // Longitudes beyond 180 are ours alone: the box around them is one that crosses the antimeridian.
  const isBeyond = area?.coordinates.flat(2).some(([longitude]) => Math.abs(longitude) > 180);
  const within = area !== null && (isBeyond ? { bbox: boxOfArea(area.coordinates) } : { intersects: area });
  const asked = { collections: [collection], datetime: time, limit: PAGE, ...within, ...filter };
  let next: Request = { url: addressIn(api, search.href), headers: {} };
  if (isPost(search)) next.body = asked;
  else next.url = withQuery(next.url, { ...asked, collections: collection });
  const requests = new Set<string>();
  for (let count = 0; ; ) {
    const { url, body, headers } = next;
    const page = parse(pageSchema, await ask(url, body, headers), url, 'a list of Items, "features"');
    yield { items: page.features, url };
    count += page.features.length || PAGE; // some APIs filter what they have found, and list nothing of a page
    const link = page.links.find(({ rel }) => rel === 'next');
    if (link === undefined) return;
    requests.add(JSON.stringify(next));
    next = nextOf(link, next, api);
    if (requests.has(JSON.stringify(next))) throw new FeedFailed(`${hostOf(api)} repeats a page. Ask whoever runs it.`);
    if (count >= MAX_FEED_ITEMS)
      throw new FeedFailed(
        `${hostOf(api)} lists more than ${MAX_FEED_ITEMS} Items of ${time}, an empty page counted as ${PAGE}; allowed are so many in one look. Give the feed a smaller area.`,
      );
  }
}

type Request = { url: string; headers: Record<string, string>; body?: object };

const isPost = ({ method }: Link): boolean => method?.toUpperCase() === 'POST';

function nextOf(link: Link, last: Request, api: string): Request {
  const own = Object.entries(link.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const sent = own.filter(([name, text]) => /^[\w-]+$/.test(name) && !OWN_HEADERS.test(name) && /^[ -~]*$/.test(text));
  const headers = { ...(link.merge && last.headers), ...Object.fromEntries(sent) };
  const next: Request = { url: addressIn(api, link.href, last.url), headers };
  if (isPost(link)) next.body = { ...(link.merge && last.body), ...link.body };
  return next;
}

/** Returns an address of the API, which leads to no other host. */
function addressIn(api: string, href: string, from = api): string {
  const url = URL.parse(href, from);
  if (url === null || url.host !== new URL(api).host)
    throw new FeedFailed(
      `${hostOf(api)}: found a link to ${citedStart(href, 100)}, allowed are addresses of that host`,
    );
  url.protocol = new URL(api).protocol; // behind a proxy, an API may not know its own
  return url.href;
}

function withQuery(url: string, values: Record<string, unknown>): string {
  const to = new URL(url);
  for (const [name, value] of Object.entries(values)) {
    const isPlain = typeof value !== 'object' || Array.isArray(value);
    to.searchParams.set(name, isPlain ? String(value) : JSON.stringify(value));
  }
  return to.href;
}

/** In CQL2, as JSON: Items that do not say how cloudy they are stay. https://docs.ogc.org/is/21-065r2/21-065r2.html */
function cloudsUpTo(most: number) {
  const property = { property: 'eo:cloud_cover' };
  const args = [
    { op: '<=', args: [property, most] },
    { op: 'isNull', args: [property] },
  ];
  return { 'filter-lang': 'cql2-json', filter: { op: 'or', args } };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, url: string, allowed: string): T {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const [{ path, message } = { path: [], message: '' }] = error.issues;
  const found = citedStart(`${path.join('.')}: ${message}`, 200);
  throw new FeedFailed(`${hostOf(url)}: found ${found}, allowed is ${allowed}`);
}
