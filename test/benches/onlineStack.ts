import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeReadUrl } from '../../aws/readUrl.ts';
import { serviceModels } from '../../cli/service/serviceModels.ts';
import { SERVING_KEY } from '../../core/base/keys.ts';
import { encodeServing, servedAlone } from '../../core/releases/serving.ts';
import { embeddedService } from '../../local/stack/embeddedService.ts';
import { startStack } from '../../local/stack/stack.ts';
import { openLocalTables } from '../../local/tables/localTables.ts';
import { startPredictionServer } from '../../server/predictionServer.ts';

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
export const STATLOG = { name: 'landsat-statlog', version: '1.0.0' };

type Answer = { request?: string; predictions?: { error?: unknown }[] };

/** A row of 36 numbers, as the Statlog model takes it. */
export const statlogRow = (start: number) => Array.from({ length: 36 }, (_, i) => start + (i % 12));

/** The embedded stack of a folder, with one of the project's models live: of a version 1.0.0, whose folder is changed first. */
export function startModelStack(home: string, name: string, change: (folder: string) => void = () => {}) {
  return startStack({
    dataDir: join(home, 'data'),
    command: 'a test',
    parameters: { modelName: name },
    prepare: async ({ models }) => {
      cpSync(join(MODELS, name), join(models, name), { recursive: true });
      change(join(models, name, '1.0.0'));
      writeFileSync(join(models, name, 'promoted.json'), '{"version": "1.0.0"}');
      writeFileSync(join(models, SERVING_KEY), encodeServing(servedAlone(name)));
    },
  });
}

export type OnlineStack = Awaited<ReturnType<typeof startOnlineStack>>;

/**
 * The embedded stack of the Statlog model, and a server of predictions that has what it answers counted there.
 * @param change what is done to the folder of its package first
 */
export async function startOnlineStack(change: (folder: string) => void = () => {}) {
  const home = mkdtempSync(join(tmpdir(), 'swath-online-'));
  const stack = await startModelStack(home, STATLOG.name, change);
  const service = embeddedService(stack);
  const answered: string[] = []; // requests whose predictions are to be counted, which the server sends after it has answered
  const sent: string[] = [];
  const send = async (message: string): Promise<void> => {
    await service.count!(message);
    sent.push(message);
  };
  const unsent = () => answered.filter((request) => !sent.some((message) => message.includes(request)));
  const server = await startPredictionServer({
    ...serviceModels(service),
    host: '127.0.0.1',
    ports: [0],
    isLazy: true,
    threads: 1,
    readUrl: makeReadUrl({ hosts: [] }),
    maxBatch: 32,
    counting: { send, share: 1, now: stack.now, shadow: service.models.shadow, shadowSeconds: 60 },
  });

  return {
    stack,
    service,
    /** Writes a scene file of such rows; answers where. */
    csv: (starts: readonly number[]): string => {
      const item = JSON.parse(readFileSync(join(MODELS, STATLOG.name, STATLOG.version, 'item.json'), 'utf8'));
      const names = item.properties.bands.map(({ name }: { name: string }) => name);
      const path = join(home, 'file.csv');
      writeFileSync(path, [names, ...starts.map(statlogRow)].map((values) => `${values.join(',')}\n`).join(''));
      return path;
    },
    /** Posts to a route of the model. */
    post: async (route: string, body: object, status = 200): Promise<object> => {
      const response = await fetch(`${server.url}/v1/models/${STATLOG.name}/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.equal(response.status, status);
      const answer = (await response.json()) as Answer;
      if (answer.predictions?.some(({ error }) => error === undefined)) answered.push(answer.request!);
      return answer;
    },
    /** The server's metrics, as Prometheus reads them. */
    metrics: async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text(),
    /** Waits until nothing is on its way: neither from the server, nor in the stack. */
    rest: async (): Promise<void> => {
      for (let i = 0; i < 600 && unsent().length > 0; i += 1) await pause(100);
      assert.deepEqual(unsent(), []);
      await pause(100);
      for (let i = 0; i < 600 && (await stack.onTheirWay()) > 0; i += 1) await pause(100);
      assert.equal(await stack.onTheirWay(), 0);
    },
    /** What SQL answers. */
    rows: async (sql: string): Promise<unknown[][]> => {
      const { query, close } = await openLocalTables(stack.folder.results);
      const asked = await query(sql);
      const found: unknown[][] = [];
      for await (const page of asked.rows) found.push(...(page as unknown[][]));
      await close();
      return found;
    },
    close: async (): Promise<void> => {
      await server.close(1);
      await stack.close();
      rmSync(home, { recursive: true });
    },
  };
}
