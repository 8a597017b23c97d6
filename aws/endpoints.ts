import { lazily } from '../core/base/lazily.ts';
import { openInference } from '../core/inference/openInference/runtime.ts';
import type { Runtime } from '../core/inference/runtime.ts';
import { listIn } from '../core/parameters/listIn.ts';

/**
 * Makes the runtime of models that are served elsewhere. Chips leave this service only to the servers and endpoints that its operator
 * names in ENDPOINT_HOSTS, separated by commas. What asks them is loaded when it is needed: few functions have such a model.
 */
export function endpointsOf(environment: NodeJS.ProcessEnv): Runtime {
  const { ENDPOINT_HOSTS = '', ENDPOINT_TOKENS, ENDPOINT_SECRET, RESULTS_BUCKET: bucket } = environment;
  const hosts = listIn(ENDPOINT_HOSTS);
  const servers = lazily(async () => {
    const { askHosts, tokensOf } = await import('./askEndpoint.ts');
    return askHosts(hosts, { tokenOf: tokensOf(ENDPOINT_TOKENS, ENDPOINT_SECRET) });
  });
  const sageMaker = lazily(async () => {
    const { askSageMaker, exchangeIn } = await import('./sageMaker.ts');
    return askSageMaker(hosts, bucket === undefined ? undefined : exchangeIn(bucket));
  });
  return openInference(async (endpoint, ...asked) =>
    'sagemaker' in endpoint ? (await sageMaker())(endpoint, ...asked) : (await servers())(endpoint, ...asked),
  );
}
