import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { feedsIn } from '../../../core/feeds/feed.ts';
import { catalogue } from '../../benches/stacCatalogue.ts';
import type { Service } from './service.ts';

/** What the schedule hands over. */
const EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** What comes of a feed, whose STAC API is one of this machine. */
export function tellOfFeeds(service: () => Service): void {
  it('an Item of a feed is put into the inbox, once, whether a look finds it or a topic tells of it', async () => {
    const at = new Date().toISOString();
    const { ask } = catalogue(() => [
      { id: 'first', at },
      { id: 'second', at },
    ]);
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await Array.fromAsync(request)).toString();
      const url = `https://stac.example.org${request.url}`;
      const answer = await ask(url, body === '' ? undefined : JSON.parse(body));
      response.end(JSON.stringify(answer).replaceAll('https://stac.example.org', `http://${request.headers.host}`));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      const { aws, models, inbox } = service();
      const bucket = aws.objects.get(models)!;
      const written = new Map<string, Uint8Array>();
      const { put } = feedsIn({
        list: async () => [],
        read: () => Promise.reject(new Error('nothing is read')),
        write: async (key, bytes) => void written.set(key, bytes),
      });
      await put({
        name: 'north',
        api,
        collection: 'sentinel-2-l2a',
        area: null,
        maxCloud: null,
        since: '2026-01-01T00:00:00Z',
        hosts: [],
        status: 'follows',
      });
      for (const [key, bytes] of written) service().put(models, key, bytes);
      const items = () => [...aws.objects.get(inbox)!.keys()].filter((key) => key.startsWith('feeds/north/'));
      assert.deepEqual(await service().callFunction('feeds', EVENT), { feeds: 1, taken: 2, failures: 0 });
      assert.deepEqual(await service().callFunction('feeds', EVENT), { feeds: 1, taken: 0, failures: 0 });
      assert.equal(items().length, 2);
      const body = JSON.stringify({
        ...((await ask('https://stac.example.org/v1/collections/sentinel-2-l2a/items/first')) as object),
      });
      const Records = [{ messageId: 'm', body, eventSourceARN: 'arn:aws:sqs:r:1:swath-dev-feed-items' }];
      assert.deepEqual(await service().callFunction('feeds', { Records }), { messages: 1, taken: 0, refused: 0 });
      for (const key of [...bucket.keys()]) if (key.startsWith('_feeds/')) service().remove(models, key);
      for (const key of items()) service().remove(inbox, key);
    } finally {
      server.close();
    }
  });
}
