import * as z from 'zod';
import { MAX_FEED_ITEMS } from '../base/limits.ts';
import { citedStart } from '../base/text/cited.ts';
import { boxOfArea } from '../package/areaOfInterest.ts';
import { type Feed, FeedFailed, hostOf } from './feed.ts';

/** Asks a STAC API, by POST if there is a body; throws `FeedFailed` when there is no answer in JSON. */
export type AskApi = (url: string, body?: object) => Promise<unknown>;

const linkSchema = z.looseObject({
  rel: z.string(),
  href: z.string(),
  method: z.string().default('GET'),
  body: z.record(z.string(), z.unknown()).optional(),
  merge: z.boolean().default(false),
});
const landingSchema = z.object({ conformsTo: z.array(z.string()).default([]), links: z.array(linkSchema) });
const pageSchema = z.object({ features: z.array(z.unknown()), links: z.array(linkSchema).default([]) });

/** https://github.com/stac-api-extensions/filter; a part of it is enough. */
const FILTER = /item-search#filter(:|$)/;
const PAGE = 100;
/** Some APIs filter what they have found, and list fewer of a page, or none. */
const MOST_EMPTY_PAGES = 10;

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
  const { conformsTo, links } = parse(landingSchema, await ask(api), api, 'the landing page of a STAC API');
  const searches = links.filter(({ rel }) => rel === 'search');
  const search = searches.find(({ method }) => method.toUpperCase() === 'POST') ?? searches[0];
  if (search === undefined)
    throw new FeedFailed(`${api}: found no link "search", allowed is the landing page of a STAC API with Item Search`);
  const time = [from, to].map((one) => one.toISOString().replace('.000', '')).join('/');
  const filter = maxCloud !== null && conformsTo.some((one) => FILTER.test(one)) ? cloudsUpTo(maxCloud) : {};
  // Longitudes beyond 180 are ours alone: the box around them is one that crosses the antimeridian.
  const isBeyond = area?.coordinates.flat(2).some(([longitude]) => Math.abs(longitude) > 180);
  const within = area !== null && (isBeyond ? { bbox: boxOfArea(area.coordinates) } : { intersects: area });
  const asked = { collections: [collection], datetime: time, limit: PAGE, ...within, ...filter };
  const isPost = search.method.toUpperCase() === 'POST';
  let next: Request = { url: addressIn(api, search.href) };
  if (isPost) next.body = asked;
  else next.url = withQuery(next.url, { ...asked, collections: collection });
  const requests = new Set<string>();
  let empty = 0;
  for (let count = 0; ; ) {
    const { url, body } = next;
    const page = parse(pageSchema, await ask(url, body), url, 'a list of Items, "features"');
    yield { items: page.features, url };
    count += page.features.length;
    const link = page.links.find(({ rel }) => rel === 'next');
    empty = page.features.length === 0 ? empty + 1 : 0;
    if (link === undefined || empty > MOST_EMPTY_PAGES) return;
    requests.add(JSON.stringify(next));
    next = nextOf(link, next, api);
    if (requests.has(JSON.stringify(next))) throw new FeedFailed(`${hostOf(api)} repeats a page. Ask whoever runs it.`);
    if (count >= MAX_FEED_ITEMS)
      throw new FeedFailed(
        `${hostOf(api)} lists more than ${MAX_FEED_ITEMS} Items of ${time}, allowed are so many in one look. Give the feed a smaller area.`,
      );
  }
}

type Request = { url: string; body?: object };

function nextOf({ href, method, body, merge }: z.output<typeof linkSchema>, { url, body: last }: Request, api: string) {
  const next: Request = { url: addressIn(api, href, url) };
  if (method.toUpperCase() === 'POST') next.body = { ...(merge && last), ...body };
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
  throw new FeedFailed(
    `${hostOf(url)}: found ${citedStart(`${path.join('.')}: ${message}`, 200)}, allowed is ${allowed}`,
  );
}
