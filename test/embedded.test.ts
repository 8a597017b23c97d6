import { startEmbedded } from './embedded.ts';
import { suiteOf, WHOLE } from './suite.ts';

suiteOf('the embedded stack', startEmbedded, WHOLE);
