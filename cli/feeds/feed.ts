import { askStacApis } from '../../aws/askStacApi.ts';
import { count, counted, NONE } from '../../charts/format.ts';
import { lookText } from '../../charts/lookText.ts';
import type { Service } from '../../console/service.ts';
import { attempt, InvalidSceneFile, insteadOf, jsonIn, onError, orElse } from '../../core/base/errors.ts';
import { isAsset } from '../../core/base/keys.ts';
import { type ModelRef, modelId } from '../../core/base/messages.ts';
import { isSafeName, safeNameRule } from '../../core/base/names.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { printable } from '../../core/base/text/printable.ts';
import type { Feed, FeedState } from '../../core/feeds/feed.ts';
import { collectionAddress, FeedFailed, feedsIn, hostOf, noneIfUnreadable } from '../../core/feeds/feed.ts';
import { type FeedItem, inboxKey, parseFeedItem } from '../../core/feeds/feedItem.ts';
import { itemsPrefix } from '../../core/feeds/feedKeys.ts';
import { isWanted, itemsOf, lookAtFeed } from '../../core/feeds/followFeed.ts';
import { keyPattern } from '../../core/feeds/keyPattern.ts';
import { polygonsOf } from '../../core/feeds/overlaps.ts';
import { LAPTOP_SCHEDULE, scheduleText } from '../../core/feeds/schedule.ts';
import { parseArea } from '../../core/package/areaOfInterest.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { listIn } from '../../core/parameters/listIn.ts';
import { changeServing } from '../../core/releases/changeServing.ts';
import { takersOf, takes, withKeys } from '../../core/releases/serving.ts';
import { itemIn } from '../../core/scenes/formats/stacItem/item.ts';
import { matchAssets } from '../../core/scenes/formats/stacItem/matchAssets.ts';
import { hectaresWithin } from '../../core/scenes/raster/hectaresWithin.ts';
import { LAPTOP } from '../../observability/alarms.ts';
import { commandFor, type Where, withService } from '../service/ledger.ts';
import { bold, dim, print, readNamed, refused, showProgress, table, timeOf, WrongUse } from '../terminal/output.ts';

const NO_TAKER = 'no live model takes them.';
const NOTHING_TO_SEE =
  'the API lists no Item of the last 30 days, so nobody knows where their files lie. Name their hosts (--hosts).';

type OfInventory = { inventory?: string; pattern?: string; bands?: string; time?: string; every?: number };
type OfApi = { api?: string; collection?: string; maxCloud?: number; hosts?: string[] };
type Choice = OfInventory & OfApi & { area?: string; since?: string; model?: string };

/** `swath feed add NAME`: stores a feed, or what is to be different of it, and looks at it once. */
export async function add(name: string, { json, ...options }: Where & Choice): Promise<void> {
  await withService(
    options,
    async (service) => {
      const feeds = feedsIn(service.modelBucket);
      const feed = await feedFrom(name, options, await feeds.feed(name).catch(noneIfUnreadable));
      const { api, collection } = feed;
      using endProgress = showProgress(() => `looking at ${collection} of ${hostOf(api)}`);
      if (!feed.inventory) await askStacApis()(collectionAddress(feed));
      // Of an archive, a listing begins with the oldest scenes, which say as well what there is.
      const wanted = feed.inventory ? { items: [] } : await found(feed, service, 1);
      // An area, such as a tenth of a degree, may have no Item for weeks.
      const since = feed.inventory ? new Date(0) : timeOf('--since', '30d');
      const anywhere = { ...feed, area: null, maxCloud: null, since: since.toISOString() };
      const { items } = wanted.items.length > 0 ? wanted : await found(anywhere, service, 1);
      const urls = items.flatMap(({ assets }) => Object.values(assets).map(({ href }) => URL.parse(href)));
      const seen = urls.flatMap((url) => (url?.protocol === 'https:' ? url.host : []));
      const hosts = options.hosts ?? [...new Set([...feed.hosts, ...seen])];
      const unknown = !(feed.inventory ?? options.hosts) && items.length === 0 ? NOTHING_TO_SEE : undefined;
      if (options.model !== undefined) await giveTo(options.model, itemsPrefix(service.inboxPrefix, name), service);
      const why = unknown ?? (await whyUnfit(items, name, service));
      const status = why === undefined ? 'follows' : 'paused'; // or each of its Items would be a file that is INVALID for good
      const whole: Feed = { ...feed, hosts, status, why };
      await feeds.put(whole);
      await feeds.putState(name, { at: new Date().toISOString(), error: null, failures: 0, day: null, count: null });
      const state = await lookAtFeed(name, { ...service, now: () => new Date(), ask: askStacApis() });
      endProgress();
      print(json, { ...whole, ...state }, () => addedText(whole, state, service, options));
      if (why !== undefined || state?.error !== null) process.exitCode = 1;
    },
    { mayBeNew: true },
  );
}

/** `swath feed test`: what a feed, or one with these options, would have taken of the last thirty days; it takes nothing. */
export async function test(name: string, { json, ...options }: Where & Partial<Choice>): Promise<void> {
  await withService(options, async (service) => {
    const known = await feedsIn(service.modelBucket).feed(name);
    const feed = await feedFrom(name, { since: '30d', ...options }, known);
    using endProgress = showProgress(() => `looking at ${feed.collection} of ${hostOf(feed.api)}`);
    const { seen, items } = await found(feed, service);
    endProgress();
    const km2 = items.reduce((sum, item) => sum + groundOf(item, feed.area), 0);
    const sizes = items.flatMap(({ assets }) => Object.values(assets).map(({ 'file:size': size }) => size));
    const bytes = sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : 0), 0);
    const dollars = dollarsOf(items.length, km2);
    const told = { since: feed.since, seen, scenes: items.length, km2: Math.round(km2), bytes, dollars };
    const lister = feed.inventory ? 'the bucket' : 'the API';
    const size =
      bytes === 0 ? 'of sizes that are not listed' : `whose files have ${(bytes / 1e9).toFixed(1)} GB in all`;
    const ground = km2 === 0 ? 'of places that are not listed' : `up to ${count(km2)} km² of the area`;
    const words = () =>
      `${bold(counted(items.length, 'scene'))} of ${count(seen)} that ${lister} lists since ${feed.since.slice(0, 10)}${items.length === 0 ? '' : `: ${ground}, ${size}`}. On AWS, they would have cost ${km2 === 0 ? 'at least' : 'about'} $${dollars.toFixed(2)}, with a model of pixels of the size of the bundled one.`;
    print(json, told, words);
  });
}

/** `swath feed list`: every feed, what became of its last look, and how many Items it has put into the inbox. */
export async function list({ json, ...where }: Where): Promise<void> {
  await withService(where, async ({ modelBucket, inbox, inboxPrefix }) => {
    const told = await Promise.all(
      (await feedsIn(modelBucket).all()).map(async ({ name, feed, state }) => {
        const items = (await inbox.list(itemsPrefix(inboxPrefix, name))).length;
        return { name, ...feed, items, ...state };
      }),
    );
    if (json === true) return console.log(jsonLine({ feeds: told }));
    if (told.length === 0) return console.log(`There is no feed. Add one: ${commandFor(where, 'feed add --help')}`);
    const rows = told.map(({ name, at, error, items, ...feed }) => {
      const known = 'problem' in feed ? ['spoilt', NONE, NONE] : [feed.status, feed.collection, hostOf(feed.api)];
      if (error && known[0] === 'follows') known[0] = 'failed';
      return [name, ...known, at?.slice(0, 16).replace('T', ' ') ?? 'never', String(items)].map(printable);
    });
    console.log(table(['name', 'status', 'collection', 'API', 'last look (UTC)', 'Items'], rows, 'lllllr'));
    const say = (name: string, text: string) => console.log(`${bold(printable(name))}${printable(text)}`);
    for (const { name, error, failures = 0, ...feed } of told)
      if ('problem' in feed) say(name, `: ${feed.problem}. Add it anew.`);
      else if (feed.why !== undefined) say(name, ` is paused, because its Items cannot be classified: ${feed.why}`);
      else if (error) say(name, `, ${counted(failures, 'look')} in a row: ${error}`);
  });
}

export const pause = changeTo(
  'paused',
  'is paused: nothing of it is taken until it is resumed, and then what came meanwhile',
);
export const resume = changeTo('follows', 'is followed again, from the next look on');
export const remove = changeTo('removed', 'is removed. Its Items and their runs stay');

function changeTo(status: Feed['status'], becomes: string) {
  return async (name: string, { json, ...where }: Where): Promise<void> => {
    await withService(where, async ({ modelBucket }) => {
      const feeds = feedsIn(modelBucket);
      const feed = await feeds.feed(name);
      if (feed === null) throw noFeed(name, where);
      await feeds.put({ ...feed, status, why: undefined });
      print(json, { ...feed, status }, () => `The feed ${printable(name)} ${becomes}.`);
    });
  };
}

export const noFeed = (name: string, where: Partial<Where>): WrongUse =>
  new WrongUse(`there is no feed ${JSON.stringify(name)}. "${commandFor(where, 'feed list')}" lists them.`);

const EARTH_SEARCH = 'https://earth-search.aws.element84.com/v1';

/** @param known the feed of this name, of which stays what no option says otherwise */
export async function feedFrom(name: string, options: Choice, known: Feed | null = null): Promise<Feed> {
  const kept = known?.inventory && (options.api ?? options.collection) ? null : known; // an API takes a bucket's place
  const before = kept?.inventory;
  const { area, maxCloud, since = known?.since ?? '7d', bands = before?.bands.join() ?? '' } = options;
  const { time = before?.time ?? '%Y%m%d', every = before?.every ?? 24 } = options;
  const inventory = options.inventory || before ? { bands: listIn(bands), time, every } : undefined;
  const api = options.inventory ?? options.api ?? kept?.api ?? EARTH_SEARCH;
  const collection = (inventory ? options.pattern : options.collection) ?? kept?.collection;
  if (!isSafeName(name) || isAsset(`${itemsPrefix('', name)}a`))
    throw refused('NAME', name, `is ${safeNameRule}, and does not end as folders of scenes do`);
  const ofInventory = Object.keys({ pattern: 0, bands: 0, time: 0 }).find((one) => one in options);
  if (ofInventory !== undefined && !inventory)
    throw new WrongUse(`--${ofInventory} is of an --inventory, which is not named.`);
  if (collection === undefined)
    throw new WrongUse(
      `${known === null ? `there is no feed ${JSON.stringify(name)} yet` : `the feed ${JSON.stringify(name)}`}: name its --collection, or its --inventory with --pattern and --bands, as for "swath feed add".`,
    );
  if (options.inventory && !/^s3:\/\/[a-z0-9][a-z0-9.-]+\/(.*\/)?$/.test(api))
    throw refused('--inventory', api, 'is a folder of a bucket, such as s3://my-archive/scenes/');
  if (!inventory && (!/^https?:\/\/[^@]+$/.test(api) || !URL.canParse(api)))
    throw refused('--api', api, 'is the address of a STAC API, such as https://stac.example.org/v1');
  const asWrongUse = insteadOf(FeedFailed, ({ message }) => new WrongUse(message));
  if (inventory) attempt(() => keyPattern({ collection, inventory }, ''), asWrongUse);
  const json = area && jsonIn((await readNamed(area)).toString());
  if (area !== undefined && json === undefined) throw refused('--area', area, 'is a file of GeoJSON');
  const ofArea = area !== undefined && { type: 'MultiPolygon' as const, coordinates: parseArea(json, area) };
  const from = timeOf('--since', since);
  if (from > new Date()) throw refused('--since', since, 'is a time that has come');
  return {
    name,
    api,
    collection,
    ...(inventory && { inventory }),
    hosts: options.hosts ?? (api === known?.api ? known.hosts : []),
    area: ofArea || (known?.area ?? null),
    maxCloud: maxCloud ?? known?.maxCloud ?? null,
    since: from.toISOString(),
    status: 'follows',
  };
}

/** What a feed would take, of the first pages if their number is given; of an inventory at least to the first that has any. */
async function found(feed: Feed, { listInventory }: Pick<Service, 'listInventory'>, pages = Number.POSITIVE_INFINITY) {
  const items = new Map<string, FeedItem>(); // by their keys, as an API may list one several times
  let seen = 0;
  let left = pages;
  const time = [new Date(feed.since), new Date()] as const;
  const keyed = (item: FeedItem) => [inboxKey(item, feed.name, ''), item] as const;
  for await (const page of itemsOf(feed, time, { ask: askStacApis(), listInventory })) {
    seen += page.items.length;
    const read = page.items.flatMap((json) => orElse([], () => [keyed(parseFeedItem(json))]));
    for (const [key, item] of read) if (isWanted(item, feed)) items.set(key, item);
    left -= 1;
    if (left <= 0 && (items.size > 0 || !feed.inventory)) break;
  }
  return { seen, items: [...items.values()] };
}

function addedText(feed: Feed, state: FeedState | null, { parameters }: Service, where: Where): string {
  const { name, api, collection, hosts, since, why } = feed;
  const onStage = where.stage !== undefined;
  const lines = [
    `${bold(`The feed ${printable(name)}`)} ${why === undefined ? 'follows' : 'is to follow'} ${printable(collection)} of ${hostOf(api)}, from ${since.slice(0, 10)} on.`,
  ];
  if (why !== undefined)
    lines.push(
      `It is paused, because its Items cannot be classified: ${printable(why)}`,
      `${why === NO_TAKER ? `Promote a model that takes feeds/${name}/*: ${commandFor(where, 'model promote --help')}${onStage ? '' : `, or ${commandFor(where, 'start --model s2-scl')}`}. Then: ` : 'Once that is mended: '}${commandFor(where, `feed resume ${name}`)}`,
    );
  if (state?.error) lines.push(`Its first look failed, and is repeated: ${printable(state.error)}`);
  if (state?.count) lines.push(`Its first look: ${printable(lookText(state.count))}`);
  if (hosts.length > 0) lines.push(`Assets are read from ${printable(hosts.join(', '))}.`);
  lines.push(scheduleText(onStage ? parameters.feedSchedule : LAPTOP_SCHEDULE, !onStage));
  if (feed.inventory) lines.push(`Its bucket is listed every ${counted(feed.inventory.every, 'hour')}.`);
  lines.push(dim(`See each look: ${commandFor(where, 'feed list')}, and its runs: ${commandFor(where, 'runs')}`));
  return lines.join('\n');
}

/** Has a live model take the Items of a feed, if it does not yet. */
async function giveTo(name: string, prefix: string, { modelBucket, models, parameters }: Service): Promise<void> {
  const { live } = await models.serving();
  const found = live.find(({ model }) => model.name === name);
  const names = live.map(({ model }) => model.name).join(', ') || 'none';
  if (!found) throw refused('--model', name, `is a live model: ${names}. "swath model promote --help" says more`);
  if (!takes(found, prefix))
    await changeServing(modelBucket, models, parameters.modelName, (all) => withKeys(all, name, `${prefix}*`));
}

/** Why a model that takes a feed's Items can read none of them, as far as they say; undefined if it may read some. */
async function whyUnfit(items: readonly FeedItem[], feed: string, { models, inboxPrefix, parameters }: Service) {
  const serving = await models.serving();
  const takers = new Set(items.flatMap((item) => takersOf(serving, inboxKey(item, feed, inboxPrefix))));
  if (items.length > 0 && takers.size === 0) return NO_TAKER;
  const { stage, assetBuckets, assetEndpoints } = parameters;
  const read = [...listIn(assetBuckets), ...listIn(assetEndpoints).map((one) => one.split('=')[0]!)];
  const bucketOf = (href: string) => /^s3:\/\/([^/]+)/i.exec(href)?.[1];
  const isUnread = (href: string) =>
    bucketOf(href) !== undefined && (stage === LAPTOP || !read.includes(bucketOf(href)!));
  const whyNot = (item: FeedItem, { source, isOfPictures }: ModelPackage, model: ModelRef): string | undefined => {
    const { assets: known, ...others } = itemIn(item.id, item);
    const assets = known.map((one) => ({ ...one, isRefused: [one.href, ...(one.alternates ?? [])].every(isUnread) }));
    const why = onError(InvalidSceneFile, ({ message }) => `${modelId(model)} takes them, but ${message}.`);
    const matched = attempt(() => matchAssets(item.id, { ...others, assets }, source.bands), why);
    if (!isOfPictures && typeof matched === 'string') return matched;
    const unread = typeof matched === 'object' && matched.bands.find(({ asset }) => asset.isRefused)?.asset.href;
    if (!unread) return undefined;
    return stage === LAPTOP
      ? `their files lie in s3://${bucketOf(unread)}, and a laptop reads no buckets.`
      : `their files lie in s3://${bucketOf(unread)}, which is neither in assetBuckets nor in assetEndpoints. Add it, and deploy again.`;
  };
  for (const { model } of takers) {
    const loaded = await models.load(model);
    const reasons = items.map((item) => whyNot(item, loaded, model));
    if (!reasons.includes(undefined)) return reasons[0];
  }
  return undefined;
}

/** Returns the square kilometres of a scene that a feed reads: at most those of its area. */
export function groundOf({ geometry }: Pick<FeedItem, 'geometry'>, area: Feed['area']): number {
  const most = area ? squareKilometres(polygonsOf(area)) : Number.POSITIVE_INFINITY;
  return Math.min(most, squareKilometres(polygonsOf(geometry ?? {})));
}

const squareKilometres = (polygons: readonly (readonly number[][])[]): number =>
  polygons.reduce((sum, [outer = []]) => sum + hectaresWithin(Float64Array.from(outer)) / 100, 0);

/** Returns what the runs of scenes cost on AWS, in dollars, by a model of pixels of the size of the bundled one. */
export const dollarsOf = (scenes: number, km2: number): number =>
  scenes * DOLLARS_A_RUN + (km2 / 1000) * DOLLARS_A_THOUSAND_KM2;

/** An execution's transitions and rows; of pixels of 10 m, those, the objects and functions' time of their parts. */
const [DOLLARS_A_RUN, DOLLARS_A_THOUSAND_KM2] = [0.0003, 0.0008];
