import { lazily } from '../core/base/lazily.ts';
import { openInference } from '../core/inference/openInference/runtime.ts';
import type { Runtime } from '../core/inference/runtime.ts';
import { listIn } from '../core/parameters/listIn.ts';

/**
 * Makes the runtime of models that are served elsewhere. Chips leave this service only to the servers that its operator names in
 * ENDPOINT_HOSTS, separated by commas. What asks them is loaded when it is needed: few functions have such a model.
 */
export function endpointsOf({ ENDPOINT_HOSTS = '' }: NodeJS.ProcessEnv): Runtime {
  const asking = lazily(async () => (await import('./askEndpoint.ts')).askHosts(listIn(ENDPOINT_HOSTS)));
  return openInference(async (...asked) => (await asking())(...asked));
}
