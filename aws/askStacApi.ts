import { setTimeout as pause } from 'node:timers/promises';
import { MAX_API_BYTES } from '../core/base/limits.ts';
import { citedStart } from '../core/base/text/cited.ts';
import { jsonIn } from '../core/base/text/jsonIn.ts';
import { FeedFailed, hostOf } from '../core/feeds/feed.ts';
import type { AskApi } from '../core/feeds/stacSearch.ts';
import { readUpTo } from './readUpTo.ts';

const TRIES = 4;
const SECONDS = 60;
/** What an API asks to wait at most, before it is left to the next look. */
const MOST_SECONDS_WAITED = 30;
const SHOWN_LETTERS = 100;
const HEADERS = { accept: 'application/geo+json, application/json', 'user-agent': 'swath' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Why an API is to be asked again, and when, if it says so. */
type Again = { again: string; seconds?: number };
type Options = { ask?: typeof fetch; wait?: (milliseconds: number) => Promise<unknown> };

/**
 * Makes what asks STAC APIs, one request at a time. Their addresses are named by an operator, so they may be of a private network;
 * redirects are followed to the same host alone. An API that has too much to do is asked again when it says, a few times.
 */
export function askStacApis({ ask = fetch, wait = pause }: Options = {}): AskApi {
  return async (url, body) => {
    const host = hostOf(url);
    for (let left = TRIES; ; left -= 1) {
      const answer = await askOnce(url, body).catch(failed);
      if (!('again' in answer)) return answer.json;
      const seconds = Math.min(answer.seconds ?? 2 ** (TRIES - left), MOST_SECONDS_WAITED);
      if (left === 1) throw new FeedFailed(`${host} ${answer.again}, ${TRIES} times.`);
      await wait(seconds * 1000);
    }
  };

  async function askOnce(url: string, body?: object, redirects = 3): Promise<{ json: unknown } | Again> {
    const posted = body && { method: 'POST', body: JSON.stringify(body), headers: { ...HEADERS, ...JSON_TYPE } };
    const signal = AbortSignal.timeout(SECONDS * 1000);
    const response = await ask(url, { headers: HEADERS, redirect: 'manual', signal, ...posted });
    const { status, headers } = response;
    const location = URL.parse(headers.get('location') ?? '', url);
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      const isSame = location?.origin === new URL(url).origin;
      if (isSame && body === undefined && redirects > 0) return askOnce(location.href, body, redirects - 1);
      const to = citedStart(headers.get('location') ?? '', SHOWN_LETTERS);
      throw new FeedFailed(
        `${hostOf(url)} redirects to ${to}, allowed are three, to addresses of that host. Name the API's own address.`,
      );
    }
    if (status === 429 || status >= 500) {
      await response.body?.cancel();
      const after = Number(headers.get('retry-after') ?? Number.NaN);
      return { again: `answers ${status}`, ...(after >= 0 && { seconds: after }) };
    }
    const bytes = await readUpTo(MAX_API_BYTES, response.body ?? []);
    if (bytes.length > MAX_API_BYTES)
      throw new FeedFailed(`${hostOf(url)}: found an answer of more than ${MAX_API_BYTES} bytes, allowed are so many.`);
    const text = Buffer.from(bytes).toString();
    const json = jsonIn(text);
    const found = `${hostOf(url)} answers ${status} with ${citedStart(text, SHOWN_LETTERS)}`;
    if (status !== 200) throw new FeedFailed(`${found}. See what the API allows, and change the feed.`);
    if (json === undefined) throw new FeedFailed(`${found}, allowed is JSON of a STAC API.`);
    return { json };
  }
}

/** A connection that fails, or an answer that does not come, is worth another try. */
function failed(error: unknown): Again {
  if (error instanceof FeedFailed) throw error;
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return { again: `took longer than ${SECONDS} s` };
  return { again: `cannot be reached (${Object(cause).code ?? Object(cause).message ?? message})` };
}
