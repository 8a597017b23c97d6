import { logLine } from '../../core/log.ts';
import { makeAnswer } from '../../core/online/answer.ts';
import { catalogueRoutes } from '../../core/online/catalogueRoutes.ts';
import type { HttpRequest, HttpResponse } from '../../core/online/http.ts';
import { makeOnlineModels, type OnlineModelsPorts } from '../../core/online/onlineModels.ts';
import { withoutCitations } from '../../core/text/cited.ts';

/** Makes the handler that describes the models and the API; predictions are another function. */
export function catalogueStep(ports: OnlineModelsPorts): (request: HttpRequest) => Promise<HttpResponse> {
  const routes = catalogueRoutes(makeOnlineModels(ports), { needsKey: true, takesTruth: true });
  return async (request) => {
    let error: string | undefined;
    const answer = makeAnswer(
      routes,
      ({ route, status, seconds, model }) =>
        logLine('catalogue.answered', {
          ...{ route, status, milliseconds: Math.round(seconds * 1000), model: model?.name, version: model?.version },
          error,
        }),
      (trouble) => {
        error = withoutCitations(trouble instanceof Error ? `${trouble.name}: ${trouble.message}` : String(trouble));
      },
    );
    return answer(request);
  };
}
