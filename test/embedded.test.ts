import { startEmbedded } from './embedded.ts';
import { pipelineSuite } from './suite.ts';

pipelineSuite('the embedded stack', startEmbedded);
