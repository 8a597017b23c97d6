import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { keptFor } from '../core/base/concurrency/keptFor.ts';
import { insteadOf } from '../core/base/errors.ts';
import { formatsOf } from '../core/doors/formatsOf.ts';
import { makeRetry, NotRetryable } from '../core/ledger/retry.ts';
import type { MapName } from '../core/package/layer.ts';
import { readPromotions } from '../core/releases/promotionHistory.ts';
import type { TryModel } from '../core/releases/promotions.ts';
import { makeChipAt } from '../core/scenes/chipAt.ts';
import { SHOWN, shownOf } from '../core/tasks/shownRegistry.ts';
import { dashboardOf } from '../observability/dashboard.ts';
import { type Answer, asset, json, type ListFormat, listFile, picture, Refused } from './answer.ts';
import { chipRows, chipsOf, chipsQuery } from './answers/chips.ts';
import { diffOf, diffQuery } from './answers/diff.ts';
import { driftOf, landAreasOf, recentNumbers } from './answers/drift.ts';
import { feedsOf } from './answers/feeds.ts';
import { knownRun, liveModel, packageOfRun, rasterRun } from './answers/knownRun.ts';
import { makeMapPictures } from './answers/mapPictures.ts';
import { HISTORY, modelsOf, modelsQuery } from './answers/models.ts';
import { panelsOf } from './answers/panels.ts';
import { ifUnreadable, makeScenePictures, thumbnailOf } from './answers/pictures.ts';
import { makePredictedRuns } from './answers/predictedRuns.ts';
import { makePromotionAnswers } from './answers/promotions.ts';
import { reportOf } from './answers/reports.ts';
import { resultFileOf, runOf } from './answers/run.ts';
import { runbookOf } from './answers/runbook.ts';
import { runRows, runsOf, runsQuery } from './answers/runs.ts';
import { sceneOf } from './answers/scene.ts';
import { spanOf } from './answers/span.ts';
import { statusOf } from './answers/status.ts';
import { mapQuery, worldMapOf } from './answers/worldMap.ts';
import type { Outbox } from './api.ts';
import type { Page } from './bundle.ts';
import { everyRun, makeNewestRuns } from './newestRuns.ts';
import type { Period } from './period.ts';
import { readPeriod, readQuery } from './query.ts';
import type { Service } from './service.ts';
import { makeReadSigns, signsOf } from './signs.ts';

/** The only HTML document: the page's script renders into `#app`, and routes by the fragment of the address. */
const DOCUMENT = readFileSync(new URL('page/page.html', import.meta.url), 'utf8');

/** An answer, or a stream that is written to while the browser keeps it open. */
export type Reply = Answer | ((response: ServerResponse) => void);
/** `parts` are the values of the path's groups. */
export type Question = { parts: string[]; query: URLSearchParams; readBody: () => Promise<Uint8Array> };
export type Route = { method: 'GET' | 'POST'; path: RegExp; reply: (question: Question) => Reply | Promise<Reply> };

const RUN = '([^/]{1,100})';

/** How long what says that data have changed is kept: not at all on a laptop, where it costs nothing to read. */
const LAPTOP = { lookMilliseconds: 0, metricsMilliseconds: 0 };
/** CloudWatch has new numbers once a minute, and reading a thousand metrics costs $0.01. */
const ACCOUNT = { lookMilliseconds: 5000, metricsMilliseconds: 60_000 };

type RouteOptions = { page: Page; tryModel: TryModel; onError: (error: unknown) => void };

export function makeRoutes(service: Service, { page, tryModel, onError }: RouteOptions): Route[] {
  const { parameters, ledger, executions, models, listResults, readResult, readMetrics, readOutbox } = service;
  const { lookMilliseconds, metricsMilliseconds } = readOutbox === null ? ACCOUNT : LAPTOP;
  const newestRuns = makeNewestRuns(ledger);
  const signs = signsOf(service, newestRuns);
  const metricsSign = keptFor<void, string>(metricsMilliseconds, signs.metrics);
  const readSigns = makeReadSigns({ ...signs, metrics: metricsSign }, lookMilliseconds, onError);
  const scenePicture = makeScenePictures(service);
  const mapPictures = makeMapPictures(service.openResult);
  const chipAt = makeChipAt(service.readRange, formatsOf);
  const ports = { ...service, newestRuns, predictedRuns: makePredictedRuns(readResult), mapPictures, chipAt };
  const refused = insteadOf(NotRetryable, ({ message }) => new Refused(409, message));
  const retry = makeRetry({ ledger, executions, now: service.now });
  const panels = keptFor(metricsMilliseconds, async (question: string) => {
    const [asked] = JSON.parse(question) as [Period, string];
    const live = await liveModel(models);
    const tasks = live === null ? SHOWN : [shownOf(live)];
    const history = await readPromotions(service.modelBucket, parameters.modelName, HISTORY);
    return panelsOf(readMetrics, dashboardOf(parameters, tasks), history, spanOf(asked, service.now()));
  });
  const promotions = makePromotionAnswers(service, tryModel);
  const period = (query: URLSearchParams, usual: number) => readPeriod(query, usual, service.now());
  const get = (path: string, reply: Route['reply']): Route => ({ method: 'GET', path: new RegExp(`^${path}$`), reply });
  const post = (path: string, reply: Route['reply']): Route => ({ ...get(path, reply), method: 'POST' });

  return [
    get('/', () => asset('text/html', DOCUMENT)),
    get('/page\\.js', () => asset('text/javascript', page.script)),
    get('/page\\.css', () => asset('text/css', page.style)),
    get('/api/status', async () => json(await statusOf(service, await recentNumbers(service)))),
    get('/api/panels', async ({ query }) => {
      return json(await panels(JSON.stringify([period(query, 15), await metricsSign()])));
    }),
    get('/api/runs', async ({ query }) => json(await runsOf(newestRuns, listResults, readQuery(runsQuery, query)))),
    get('/api/runs\\.(csv|parquet)', async ({ parts: [format], query }) =>
      listFile('runs', format as ListFormat, await runRows(everyRun(ledger), readQuery(runsQuery, query))),
    ),
    get(`/api/runs/${RUN}`, async ({ parts: [run = ''] }) => json(await runOf(service, run))),
    get(`/api/runs/${RUN}/scene`, async ({ parts: [run = ''] }) => json(await sceneOf(ports, run))),
    get(`/api/runs/${RUN}/scene\\.png`, async ({ parts: [run = ''] }) => picture(await scenePicture(run))),
    get(`/api/runs/${RUN}/maps/(predictions|unsure|probabilities)\\.png`, async ({ parts: [run = '', map] }) => {
      const row = await rasterRun({ ledger }, run);
      return picture(await mapPictures.png(row, await packageOfRun(models, row), map as MapName));
    }),
    get(`/api/runs/${RUN}/files/([^/]{1,300})`, ({ parts: [run = '', name = ''] }) => resultFileOf(service, run, name)),
    post(`/api/runs/${RUN}/retry`, async ({ parts: [run = ''] }) => {
      await knownRun(service, run);
      const { execution } = await retry(run).catch(refused);
      return json({ execution });
    }),
    get('/api/chips', async ({ query }) => json(await chipsOf(ports, readQuery(chipsQuery, query)))),
    get('/api/chips\\.(csv|parquet)', async ({ parts: [format], query }) =>
      listFile('chips', format as ListFormat, await chipRows(ports, readQuery(chipsQuery, query))),
    ),
    get(`/api/chips/${RUN}/(\\d{1,10})\\.png`, async ({ parts: [run = '', index] }) =>
      picture(await thumbnailOf(ports, run, Number(index)).catch(ifUnreadable)),
    ),
    get('/api/map', async ({ query }) => json(await worldMapOf(ports, period(query, 30), readQuery(mapQuery, query)))),
    get('/api/feeds', async () => json(await feedsOf(service, newestRuns))),
    get('/api/areas', async ({ query }) => json(await landAreasOf(service, period(query, 30)))),
    get('/api/drift', async ({ query }) => json(await driftOf(service, period(query, 30)))),
    get('/reports/([\\w.+-]{1,100})/(\\d{4}-\\d\\d-\\d\\d)\\.html', async ({ parts: [version = '', day = ''] }) =>
      asset('text/html', await reportOf(service, { name: parameters.modelName, version }, day)),
    ),
    get('/api/models', async ({ query }) => {
      const { name = parameters.modelName } = readQuery(modelsQuery, query);
      return json(await modelsOf(ports, parameters.modelName, name));
    }),
    post('/api/models/([^/]{1,100})/([^/]{1,100})/promote', async ({ parts: [name = '', version = ''], readBody }) =>
      promotions.promote({ name, version }, await readBody()),
    ),
    post('/api/models/([^/]{1,100})/rollback', async ({ parts: [name = ''], readBody }) =>
      promotions.rollback(name, await readBody()),
    ),
    get('/api/diff', async ({ query }) => json(await diffOf(service, readQuery(diffQuery, query)))),
    get('/api/predictions', () => tried(service.tryOut, '/v1/models')),
    post(`/api/predictions/${RUN}`, async ({ parts: [model = ''], readBody }) =>
      tried(service.tryOut, `/v1/models/${encodeURIComponent(model)}/predictions`, await readBody()),
    ),
    get('/api/runbook', async () => json(await runbookOf(parameters))),
    get('/api/outbox', async () => {
      if (readOutbox === null) throw new Refused(404, 'There is no outbox: in an account, e-mails are really sent.');
      return json({ emails: await readOutbox() } satisfies Outbox);
    }),
    get('/api/signs', async () => json(await readSigns())),
  ];
}

/** Finds the route of a method and a path, and the path's groups. Throws `Refused`: 404 for the path, 405 for the method. */
export function findRoute(routes: Route[], method: string, path: string): { route: Route; parts: string[] } {
  const found = routes.flatMap((route) => {
    const match = route.path.exec(path);
    return match === null ? [] : [{ route, parts: match.slice(1) }];
  });
  if (found.length === 0) throw new Refused(404, `There is nothing at ${path}.`);
  // Node.js sends no body for HEAD: https://www.rfc-editor.org/rfc/rfc9110#section-9.1 wants it wherever GET is.
  const fitting = found.find(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method));
  if (fitting !== undefined) return fitting;
  const allowed = found.map(({ route }) => (route.method === 'GET' ? 'GET, HEAD' : route.method)).join(', ');
  throw new Refused(405, `${method} is not allowed at ${path}; allowed is ${allowed}.`, { allow: allowed });
}

/** Answers what is tried on the page, which counts nowhere. Throws `Refused` with the server's error. */
async function tried(tryOut: Service['tryOut'], path: string, body?: Uint8Array): Promise<Answer> {
  if (tryOut === null)
    throw new Refused(404, 'This console does not serve predictions: use npm start or npx swath serve.');
  const asked = { method: body === undefined ? 'GET' : 'POST', path, body: body ?? new Uint8Array() };
  const headers = { 'content-type': 'application/json' };
  const { status, ...answer } = await tryOut({ ...asked, query: new URLSearchParams(), headers });
  if (status === 200) return { status, headers: answer.headers, body: answer.body };
  const { detail } = JSON.parse(String(answer.body)) as { detail: string };
  throw new Refused(status, detail);
}
