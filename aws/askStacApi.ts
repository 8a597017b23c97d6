import { setTimeout as pause } from 'node:timers/promises';
import { citedStart, jsonIn } from '../core/base/errors.ts';
import { MAX_API_BYTES } from '../core/base/limits.ts';
import { FeedFailed, hostOf } from '../core/feeds/feed.ts';
import type { AskApi } from '../core/feeds/stacSearch.ts';
import { readUpTo } from './readUpTo.ts';
import { secondsToWait } from './retryAfter.ts';

const TRIES = 4;
const SECONDS = 60;
/** What an API asks to wait at most, before it is left to the next look. */
const MOST_SECONDS_WAITED = 30;
const SHOWN_LETTERS = 100;
const HEADERS = { accept: 'application/geo+json, application/json', 'user-agent': 'swath' };

/** Why an API is to be asked again, and when, if it says so. */
type Again = { again: string; seconds?: number | undefined };
type Options = { ask?: typeof fetch; wait?: (milliseconds: number) => Promise<unknown>; now?: () => number };

/**
 * Makes what asks STAC APIs, one request at a time. Their addresses are named by an operator, so they may be of a private network;
 * redirects are followed to the same host alone. An API that has too much to do is asked again when it says, a few times.
 */
export function askStacApis({ ask = fetch, wait = pause, now = Date.now }: Options = {}): AskApi {
  return async (url, body, more) => {
    const host = hostOf(url);
    const headers = { ...more, ...HEADERS, ...(body && { 'content-type': 'application/json' }) };
    const sent = { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) };
    for (let left = TRIES; ; left -= 1) {
      const answer = await askOnce(url, sent).catch(failed);
      if (!('again' in answer)) return answer.json;
      const seconds = answer.seconds ?? 2 ** (TRIES - left);
      if (seconds > MOST_SECONDS_WAITED)
        throw new FeedFailed(`${host} ${answer.again}, and asks to wait for ${seconds} s. The next look asks again.`);
      if (left === 1) throw new FeedFailed(`${host} ${answer.again}, ${TRIES} times.`);
      await wait(seconds * 1000);
    }
  };

  async function askOnce(url: string, sent: RequestInit, redirects = 3): Promise<{ json: unknown } | Again> {
    const response = await ask(url, { ...sent, redirect: 'manual', signal: AbortSignal.timeout(SECONDS * 1000) });
    const { status, headers } = response;
    const location = URL.parse(headers.get('location') ?? '', url);
    if (status >= 300 && status < 400) {
      await response.body?.cancel();
      const isSame = location?.origin === new URL(url).origin;
      // Others may turn a POST into a GET, which would lose the search: RFC 9110, 15.4
      const keepsBody = sent.body === undefined || status === 307 || status === 308;
      if (isSame && keepsBody && redirects > 0) return askOnce(location.href, sent, redirects - 1);
      const to = citedStart(headers.get('location') ?? '', SHOWN_LETTERS);
      throw new FeedFailed(
        `${hostOf(url)} redirects to ${to}${keepsBody ? '' : ` with the status ${status}`}, allowed are three, to addresses of that host${keepsBody ? '' : ', and with 307 or 308 for a search by POST'}. Name the API's own address.`,
      );
    }
    if (status === 429 || status >= 500) {
      await response.body?.cancel();
      return { again: `answers ${status}`, seconds: secondsToWait(headers.get('retry-after'), now()) };
    }
    const bytes = await readUpTo(MAX_API_BYTES, response.body ?? []);
    if (bytes.length > MAX_API_BYTES)
      throw new FeedFailed(`${hostOf(url)}: found an answer of more than ${MAX_API_BYTES} bytes, allowed are so many.`);
    const text = new TextDecoder().decode(bytes); // without a byte order mark
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
  const what = message === 'terminated' ? 'breaks off its answer' : 'cannot be reached'; // undici's word for a body's end
  return { again: `${what} (${Object(cause).code ?? Object(cause).message ?? message})` };
}
