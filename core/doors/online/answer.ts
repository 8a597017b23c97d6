import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { citedStart, TransientTrouble } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { urlDecoded } from '../../base/text/urlDecoded.ts';
import { bodyInputs } from './bodyInputs.ts';
import type { Count } from './counter.ts';
import { FAILURES, NOT_LOADED } from './engine.ts';
import type { FailureType, HttpRequest, HttpResponse } from './http.ts';
import { jsonResponse, Problem, problemResponse, TooBusy } from './http.ts';
import type { OnlineModels } from './onlineModels.ts';
import type { InputAnswer, Predictor } from './predictor.ts';
import type { predictionsBody } from './schemas.ts';

export type Answered = Readonly<About> & {
  /** The route's pattern rather than the path, so that there are few values; null if no route matched. */
  readonly route: string | null;
  readonly status: number;
  readonly seconds: number;
  /** Of what type a request's failure is; null for an answer. */
  readonly failure: FailureType | null;
};

export function answeredFields({ route, status, seconds, model }: Answered) {
  return { route, status, milliseconds: Math.round(seconds * 1000), model: model?.name, version: model?.version };
}

type Asked = { readonly request: HttpRequest; readonly parts: readonly string[]; readonly about: About };
/** Filled in while the request is processed. */
type About = { model: ModelRef | null; inputs: number; errors: number; warnings: number };
export type OnlineRoute = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  reply(asked: Asked): Promise<HttpResponse> | HttpResponse;
};

/** Makes what answers HTTP requests. It never throws: unexpected errors go to `onError`, and are answered with 500. */
export function makeAnswer(
  routes: readonly OnlineRoute[],
  onAnswered: (answered: Answered) => void = () => {},
  onError: (error: unknown) => void = () => {},
): (request: HttpRequest) => Promise<HttpResponse> {
  const compiled = routes.map((route) => {
    const pattern = new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
    return { ...route, pattern };
  });

  return async (request) => {
    const started = performance.now();
    const about: About = { model: null, inputs: 0, errors: 0, warnings: 0 };
    const there = routesAt(compiled, request.path);
    const found = there.find(({ route }) => route.method === (request.method === 'HEAD' ? 'GET' : request.method));
    let response: HttpResponse;
    let failure: FailureType | null = null;
    try {
      if (request.refused !== undefined) throw request.refused;
      if (found === undefined) throw nothingFor(request, there, routes);
      response = await found.route.reply({ request, parts: found.parts, about });
      // An answer to a POST is sent in any case: what it predicted may be counted by now.
      const { method, path } = found.route;
      if (method === 'GET' && path !== '/metrics' && response.body.length > PROBE_LENGTH)
        request.hold?.(response.body.length);
    } catch (error) {
      const problem = problemOf(error, onError);
      failure = problem.type;
      response = problemResponse(problem, request.path);
    }
    const seconds = (performance.now() - started) / 1000;
    onAnswered({ route: found?.route.path ?? null, status: response.status, seconds, failure, ...about });
    return request.method === 'HEAD' ? { ...response, body: '' } : response;
  };
}

/** So long an answer to a GET always has room: those to probes are. So do the metrics, whatever their length: they tell how many were refused. */
const PROBE_LENGTH = 4096;
const INTERNAL = 'An internal error occurred, for which the request is not at fault. The log has the details.';

function problemOf(error: unknown, onError: (error: unknown) => void): Problem {
  if (!(error instanceof Problem) || error.status === 500 || error.cause !== undefined)
    onError(Object(error).cause ?? error);
  if (error instanceof Problem) return error;
  if (error instanceof TransientTrouble)
    return new TooBusy('What this service reads from has no answer at the moment.', 'internal');
  const { name, message } = error instanceof Error ? error : new Error();
  return new Problem(500, name === NOT_LOADED ? message : INTERNAL, {}, FAILURES[name]);
}

const routesAt = (routes: readonly (OnlineRoute & { pattern: RegExp })[], path: string) =>
  routes.flatMap((route) => {
    const match = route.pattern.exec(path);
    return match === null ? [] : [{ route, parts: match.slice(1).map((part) => urlDecoded(part) ?? part) }]; // no name contains a percent sign
  });

function nothingFor({ method, path }: HttpRequest, there: ReturnType<typeof routesAt>, routes: readonly OnlineRoute[]) {
  const where = citedStart(path, 100);
  const all = routes.map((route) => `${route.method} ${route.path}`).join(', ');
  if (there.length === 0) return new Problem(404, `There is nothing at ${where}. There is: ${all}.`);
  const allow = there.map(({ route }) => route.method).join(', ');
  return new Problem(405, `${method} is not allowed at ${where}, allowed is ${allow}.`, { allow });
}

/** The body of an answer: docs/http.md. */
export type PredictionsBody = Omit<z.infer<typeof predictionsBody>, 'predictions'> & {
  predictions: readonly InputAnswer[];
};

export type PredictionPorts = {
  models: Pick<OnlineModels, 'find' | 'live'>;
  predictor: (model: ModelRef) => Promise<Predictor>;
  seconds: number;
  count?: Count | undefined;
};

/** Unknown parameters are rejected: with a misspelt one, another version would answer. */
export function versionIn({ query }: HttpRequest): string | null {
  if (query.size === 0) return null;
  const others = [...new Set(query.keys())].filter((name) => name !== 'version');
  if (others.length > 0 || query.getAll('version').length > 1)
    throw new Problem(
      400,
      `Found ${others.length > 0 ? `the parameters ${citedStart(others.join(', '), 100)}` : 'several versions'}, allowed is one version.`,
    );
  return query.get('version');
}

export const predictionRoute = ({ models, predictor, seconds, count }: PredictionPorts): OnlineRoute => ({
  method: 'POST',
  path: '/v1/models/{model}/predictions',
  async reply({ request, parts: [name = ''], about }) {
    const { inputs, isImage } = await bodyInputs(request);
    about.inputs = inputs.length;
    about.model = await models.find(name, versionIn(request));
    const { model, predictInputs } = await predictor(about.model);
    const { answers: predictions, given } = await predictInputs(inputs, seconds, request.isGone);
    about.errors = predictions.filter(({ error }) => error !== null).length;
    about.warnings = predictions.filter(({ warnings }) => warnings.length > 0).length;
    const [first] = predictions;
    if (isImage && first?.error) throw new Problem(422, first.error.replace(/^inputs\[0\]\.image: /, 'The image: '));
    const id = randomUUID();
    const { name: answering, version } = about.model;
    const body: PredictionsBody = { request: id, model: answering, version, predictions };
    const response = jsonResponse(body);
    count?.({ request: id, model, given });
    return response;
  },
});
