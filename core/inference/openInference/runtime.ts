import { keepPromise } from '../../base/concurrency/keepPromise.ts';
import { EndpointUnavailable, onError, TransientTrouble } from '../../base/errors.ts';
import type { Runtime } from '../runtime.ts';
import type { AskEndpoint } from './endpoint.ts';

/** Runs models on servers of the Open Inference Protocol 2 (KServe, Triton, MLServer); the first loads the code. */
export const openInference = (ask: AskEndpoint): Runtime => ({
  name: 'the Open Inference Protocol',
  takes: ({ artifact }) => artifact.format === 'open-inference',
  open: async (artifact, model) => {
    const [{ connect }, file] = await Promise.all([import('./connect.ts'), artifact()]);
    const connected = keepPromise(() => connect(model, file, ask));
    const isDown = onError([EndpointUnavailable, TransientTrouble], () => {}); // the next run connects, or says why not
    await connected(model).catch(isDown);
    return { run: async (inputs) => (await connected(model)).run(inputs) };
  },
});
