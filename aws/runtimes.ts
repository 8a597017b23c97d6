import { onnx } from '../core/inference/onnx/session.ts';
import type { Runtime } from '../core/inference/runtime.ts';
import { endpointsOf } from './endpoints.ts';

/** Makes the runtimes that run models, wherever they are opened. The first that takes a model is chosen. */
export const runtimesOf = (environment: NodeJS.ProcessEnv): Runtime[] => [onnx, endpointsOf(environment)];
