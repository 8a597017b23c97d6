import type { Runtime } from '../runtime.ts';
import type { AskEndpoint } from './endpoint.ts';

/**
 * Runs models on a server that speaks the Open Inference Protocol, version 2, such as KServe, Triton and MLServer. What does
 * is loaded with the first such model.
 */
export function openInference(ask: AskEndpoint): Runtime {
  return {
    name: 'the Open Inference Protocol',
    takes: ({ artifact }) => artifact.format === 'open-inference',
    open: async (artifact, model) => {
      const { connect } = await import('./connect.ts');
      return connect(model, await artifact(), ask);
    },
  };
}
