import { inTime } from '../../core/base/concurrency/inTime.ts';
import { errorForLog } from '../../core/base/errors.ts';
import { type Invocation, logLine } from '../../core/base/step.ts';
import { type Answered, answeredFields, makeAnswer, predictionRoute } from '../../core/doors/online/answer.ts';
import type { Batched } from '../../core/doors/online/batcher.ts';
import { type Counted, type CounterOptions, makeCounter } from '../../core/doors/online/counter.ts';
import type { Engine } from '../../core/doors/online/engine.ts';
import { healthRoute } from '../../core/doors/online/health.ts';
import { type HttpRequest, type HttpResponse, problemResponse, TooBusy } from '../../core/doors/online/http.ts';
import { makeOnlineModels, type OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import { makePredictors, type PredictorOptions } from '../../core/doors/online/predictor.ts';
import { truthRoute } from '../../core/doors/online/truthRoute.ts';
import { type Embedded, logMetrics } from '../../core/metrics/embeddedMetrics.ts';
import type { ModelPackage } from '../../core/package/package.ts';

export type PredictPorts = OnlineModelsPorts &
  PredictorOptions & {
    stage: string;
    /** Loads a model; it runs one batch at a time. */
    openEngine: (model: ModelPackage, bytes: Uint8Array) => Promise<Engine>;
    counting: Pick<CounterOptions, 'send' | 'share' | 'now'>;
  };

/** A container has one request at a time, so a batch contains one request; the limit equals that of other servers. */
const BATCHING = { maxBatch: 32, maxWaitingBytes: 64 * 1024 ** 2 };
/** How many models are in memory at once: the live one, one that is promoted beside it, and one that a request names. */
const KEPT_MODELS = 3;
/** A call answers that it is too slow this long before Lambda ends it: API Gateway's own error has another format. */
const MARGIN_SECONDS = 1;
/** How long an answer waits until its predictions are queued to be counted: Lambda freezes the container after the answer. */
const COUNT_SECONDS = 1;

/** Makes the handler for predictions and for health checks, within the time of a call. */
export function predictStep(ports: PredictPorts) {
  const { stage, openEngine } = ports;
  const models = makeOnlineModels(ports);
  const onCounted = ({ inputs, error }: Counted) => {
    const uncounted: Embedded = { metric: 'OnlineUncounted', values: [inputs] };
    if (error !== null) logMetrics('predict.uncounted', { error: errorForLog(error) }, stage, [uncounted]);
  };
  const { count, settled } = makeCounter({ ...ports.counting, onCounted });
  const unsent = (error: unknown) => logLine('predict.truthUnsent', { error: errorForLog(error) });
  let batches: Batched[] = [];
  let isCold = true;
  const predictor = makePredictors(
    {
      ...ports,
      ...BATCHING,
      engines: async (model, bytes) => [await openEngine(model, bytes)],
      onBatch: (_, batch) => batches.push(batch),
    },
    KEPT_MODELS,
  );

  return async (request: HttpRequest, invocation: Pick<Invocation, 'remainingSeconds'>): Promise<HttpResponse> => {
    const seconds = Math.max(MARGIN_SECONDS, invocation.remainingSeconds() - MARGIN_SECONDS - COUNT_SECONDS);
    batches = [];
    const wasCold = isCold;
    isCold = false;
    let failure: string | null = null;
    let isLate = false;
    /** Logs one line for each request, with metrics for predictions. */
    const tell = (answered: Answered) => {
      if (isLate) return; // it was answered already
      const { route, status, inputs, errors, warnings } = answered;
      const about = { ...answeredFields(answered), inputs, errors, warnings };
      const fields = { ...about, batches: batches.length, isCold: wasCold, error: failure ?? undefined };
      if (route === null || !route.endsWith('/predictions')) return void logLine('predict.answered', fields);
      const kind = kindOf(status);
      const one = (metric: Embedded['metric'], value: number): Embedded => ({ metric, values: [value] });
      logMetrics('predict.answered', fields, stage, [
        one('OnlineRequests', 1),
        one('OnlineLatency', about.milliseconds),
        ...(kind === null ? [] : [{ ...one('OnlineErrors', 1), dimensions: { Kind: kind } }]),
        one('OnlineInputs', inputs),
        one('OnlineInputErrors', errors),
        one('OnlineInputWarnings', warnings),
        { metric: 'OnlineBatchSize', values: batches.map(({ chips }) => chips) },
        { metric: 'OnlineQueueWait', values: batches.map(({ waitedSeconds }) => Math.round(waitedSeconds * 1000)) },
        ...(wasCold ? [one('OnlineColdStarts', 1)] : []),
      ]);
    };
    const routes = [
      predictionRoute({ models, predictor, seconds, count }),
      truthRoute({ ...ports.counting, models, load: ports.models.load, onError: unsent }),
      healthRoute({ models, predictor, seconds }),
    ];
    const answer = makeAnswer(routes, tell, (error) => {
      failure = errorForLog(error);
    });
    const started = performance.now();
    const isGone = () => isLate; // what nobody waits for any more is neither read nor run
    const response = await inTime(answer({ ...request, isGone }), seconds, () => {
      const why = `There was no answer within ${Math.round(seconds)} s. Try again in a moment.`;
      const late = new TooBusy(why, 'timeout');
      const took = (performance.now() - started) / 1000;
      const last = request.path.slice(request.path.lastIndexOf('/'));
      const route = routes.find(({ method, path }) => method === request.method && path.endsWith(last))?.path ?? null;
      const none = { model: null, inputs: 0, errors: 0, warnings: 0 };
      tell({ route, status: late.status, seconds: took, failure: late.type, ...none });
      isLate = true;
      return problemResponse(late);
    });
    await settled(COUNT_SECONDS);
    return response;
  };
}

function kindOf(status: number): string | null {
  if (status < 400) return null;
  if (status < 500) return 'refused';
  return status === 503 ? 'timeout' : 'fault';
}
