import { after } from 'node:test';
import { openDeployed } from '../deployed.ts';
import { pipelineSuite } from '../suite.ts';
import { candidates } from './candidates.ts';
import { localStackTraits } from './here.ts';
import { type ModelRegistry, startModelRegistry } from './modelRegistry.ts';
import { stageOnLocalStack } from './stageOnLocalStack.ts';

/** `npm run test:localstack`: what a deployed stage makes of scene files, and of candidates from a model registry. */

let registry: ModelRegistry | undefined;

await stageOnLocalStack(
  'scenes and models on LocalStack',
  async (localStack, account) => {
    registry = await startModelRegistry(localStack, account);
    return registry.parameters;
  },
  (at) => {
    after(() => registry?.close());
    pipelineSuite('LocalStack', () => openDeployed(at().stage, localStackTraits));
    candidates(() => ({ ...at(), registry: registry! }));
  },
);
