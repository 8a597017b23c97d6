import { availableParallelism } from 'node:os';
import type { ModelRef } from '../core/base/messages.ts';
import { makeAnswer, type OnlineRoute, predictionRoute } from '../core/doors/online/answer.ts';
import { catalogueRoutes } from '../core/doors/online/catalogueRoutes.ts';
import { type Counted, type CounterOptions, makeCounter } from '../core/doors/online/counter.ts';
import { notLoaded } from '../core/doors/online/engine.ts';
import { healthRoute } from '../core/doors/online/health.ts';
import { type HttpRequest, jsonResponse } from '../core/doors/online/http.ts';
import { makeOnlineModels, type OnlineModelsPorts } from '../core/doors/online/onlineModels.ts';
import { makeOnlineShadow } from '../core/doors/online/onlineShadow.ts';
import { openInferenceRoutes } from '../core/doors/online/openInference.ts';
import { makePredictors, type PredictorOptions, type PredictorsPorts } from '../core/doors/online/predictor.ts';
import { sageMakerRoutes } from '../core/doors/online/sageMaker.ts';
import { truthRoute } from '../core/doors/online/truthRoute.ts';
import type { Models } from '../core/releases/contract.ts';
import { docsRoute } from '../report/apiPage/docsRoute.ts';
import { type HttpServerOptions, startHttpServer } from './httpServer.ts';
import { makeIdle } from './idle.ts';
import { startInputReaders } from './inputReaders.ts';
import { nearEngine } from './nearEngine.ts';
import { makeServerMetrics } from './serverMetrics.ts';
import { startThread } from './threads.ts';

export type PredictionServerOptions = OnlineModelsPorts &
  PredictorOptions &
  Pick<HttpServerOptions, 'host' | 'ports' | 'check'> & {
    /** Whether `check` asks for one. */
    needsKey?: true;
    /** Whether live models are loaded at the start, unlike those of a laptop's stack. */
    isLazy?: true;
    /** Threads that run models; default: as many as there are cores. */
    threads?: number;
    maxBatch: number;
    /** Default: 32 MiB, as a server of one's own has room for more than Lambda, which takes 6 MB. */
    maxBodyBytes?: number;
    /** How long a request may take to arrive; default: 30 s. */
    bodySeconds?: number;
    /** Sends predictions to be counted, which wait for the model's shadow, by default for 5 s; if absent, they are not counted. */
    counting?:
      | (Pick<CounterOptions, 'send' | 'share' | 'now'> & { shadow?: Models['shadow']; shadowSeconds?: number })
      | undefined;
    onError?: (error: unknown) => void;
  };

const MAX_BODY_BYTES = 32 * 1024 ** 2;
/** How long a request may take to arrive, and to wait for its predictions. */
const REQUEST_SECONDS = 30;
const BATCH_SECONDS = 20;
/** Of chips that are read or wait, in all requests together. */
const MAX_WAITING_BYTES = 128 * 1024 ** 2;
const SHADOW_SECONDS = 5;
/** Of a shadow's inputs, fewer may wait; a batch that has begun is not stopped, so its batches are small. */
const SHADOW_BATCHING = { maxBatch: 8, maxWaitingBytes: 64 * 1024 ** 2 };

export type PredictionServer = Awaited<ReturnType<typeof startPredictionServer>>;

export async function startPredictionServer(options: PredictionServerOptions) {
  const threads = Array.from({ length: options.threads ?? availableParallelism() }, () => startThread(BATCH_SECONDS));
  const shadowThread = startThread(BATCH_SECONDS); // which begins with the first shadow
  const idle = makeIdle();
  const { readApart, stop: stopReading } = startInputReaders(options.maxImageBytes);
  const models = makeOnlineModels(options);
  const metrics = makeServerMetrics();
  const predictor = makePredictors({
    ...options,
    readApart,
    maxWaitingBytes: MAX_WAITING_BYTES,
    engines: (model, bytes) =>
      Promise.all(
        threads.map(async ({ engineOf }, i) => {
          const engine = engineOf(model, bytes);
          return idle.first(i === 0 ? await nearEngine(engine, model, bytes) : engine);
        }),
      ),
    onBatch: metrics.onBatch,
  });
  const { onError, counting } = options;
  const onCounted = (counted: Counted) => {
    metrics.onCounted(counted);
    if (counted.error !== null) onError?.(counted.error);
  };
  const lastEngine: PredictorsPorts['engines'] = async (...of) => [idle.last(shadowThread.engineOf(...of))];
  let told = ''; // the reason why a shadow gets nothing is logged once, not with each request
  const shadow =
    counting?.shadow &&
    makeOnlineShadow({
      models: { load: options.models.load, promotion: options.models.promotion, shadow: counting.shadow },
      predictor: makePredictors({ ...options, ...SHADOW_BATCHING, engines: lastEngine }, KEPT_SHADOWS),
      seconds: counting.shadowSeconds ?? SHADOW_SECONDS,
      maxWaitingBytes: SHADOW_BATCHING.maxWaitingBytes,
      onShadowed: (shadowed) => {
        metrics.onShadowed(shadowed);
        const { error } = shadowed;
        if (error === null || error.message === told) return;
        told = error.message;
        onError?.(error);
      },
    });
  const counter = counting && makeCounter({ ...counting, onCounted, shadow });
  let readiness: keyof typeof READINESS = options.isLazy ? 'ready' : 'not yet';
  let isTrying = false;
  /** Nobody is sent here before a live model answers; until then, each question has it tried again. */
  const isReady = () => {
    if (readiness !== 'ready' && readiness !== 'over' && !isTrying) void tryModels(async () => {});
    return readiness === 'ready';
  };
  const tryModels = async (before: () => Promise<unknown>) => {
    isTrying = true;
    try {
      await before();
      const canAnswer = await health.canAnswer();
      const without = (await models.live()).length > 0 ? 'not yet' : 'nothing live';
      if (readiness !== 'over') readiness = canAnswer ? 'ready' : without;
    } catch (error) {
      onError?.(error);
    }
    isTrying = false;
  };
  const health = healthRoute({ models, predictor, seconds: REQUEST_SECONDS });
  const { needsKey = false } = options;
  const catalogue = catalogueRoutes(models, { needsKey, takesTruth: counting !== undefined });
  const predictions = { models, predictor, seconds: REQUEST_SECONDS, count: counter?.count };
  const headers = { 'content-type': metrics.contentType };
  const routes: OnlineRoute[] = [
    predictionRoute(predictions),
    ...openInferenceRoutes({ ...predictions, load: options.models.load, isReady }),
    ...sageMakerRoutes({ ...predictions, isReady }),
    ...(counting === undefined ? [] : [truthRoute({ ...counting, models, load: options.models.load, onError })]),
    ...catalogue,
    docsRoute,
    health,
    { method: 'GET', path: '/livez', reply: () => jsonResponse({ alive: true }) },
    { method: 'GET', path: '/readyz', reply: () => jsonResponse({ ready: isReady() }, READINESS[readiness]) },
    { method: 'GET', path: '/metrics', reply: async () => ({ status: 200, headers, body: await metrics.text() }) },
  ];
  const answerCounted = makeAnswer(routes, metrics.onAnswered, onError);
  const answer = (request: HttpRequest) => {
    metrics.onAsked();
    return answerCounted(request);
  };
  const { maxBodyBytes = MAX_BODY_BYTES, bodySeconds = REQUEST_SECONDS } = options;
  const server = await startHttpServer({ ...options, maxBodyBytes, bodySeconds, answer });
  // Live models are loaded before anybody asks; one that cannot be is told to who does, and to whoever has started it.
  const load = (model: ModelRef) => predictor(model).catch((error: unknown) => onError?.(notLoaded(model, error)));
  if (!options.isLazy) void tryModels(async () => Promise.all((await models.live()).map(load)));
  return {
    /** Answers requests of this process itself, and none by HTTP: they count neither as predictions nor as requests. */
    tryOut: makeAnswer([predictionRoute({ ...predictions, count: undefined }), ...catalogue], () => {}, onError),
    url: server.url,
    close: async (seconds = REQUEST_SECONDS) => {
      readiness = 'over';
      await server.close(seconds);
      await counter?.settled(seconds);
      await Promise.all([...[...threads, shadowThread].map(({ stop }) => stop()), stopReading()]);
    },
  };
}

/** The status of `/readyz`. Where nothing is live, another server would be ready no sooner: whoever replaces servers has to know. */
const READINESS = { 'not yet': 503, 'nothing live': 404, ready: 200, over: 503 } as const;

/** A shadow's model is loaded as long as it is one; so is another's that came before it, for what is on its way. */
const KEPT_SHADOWS = 2;
