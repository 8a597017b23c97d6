import { errorForLog } from '../../core/base/errors.ts';
import { logLine } from '../../core/base/step.ts';
import { type Answered, answeredFields, makeAnswer } from '../../core/doors/online/answer.ts';
import { catalogueRoutes } from '../../core/doors/online/catalogueRoutes.ts';
import type { HttpRequest, HttpResponse } from '../../core/doors/online/http.ts';
import { makeOnlineModels, type OnlineModelsPorts } from '../../core/doors/online/onlineModels.ts';
import { docsRoute } from '../../report/apiPage/docsRoute.ts';

/** Makes the handler that describes the models and the API; predictions are another function. */
export function catalogueStep(ports: OnlineModelsPorts): (request: HttpRequest) => Promise<HttpResponse> {
  const routes = [docsRoute, ...catalogueRoutes(makeOnlineModels(ports), { needsKey: true, takesTruth: true })];
  return async (request) => {
    let error: string | undefined;
    const tell = (answered: Answered) => logLine('catalogue.answered', { ...answeredFields(answered), error });
    const answer = makeAnswer(routes, tell, (trouble) => {
      error = errorForLog(trouble);
    });
    return answer(request);
  };
}
