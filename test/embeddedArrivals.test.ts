import { startEmbedded } from './embedded.ts';
import { arrivals } from './suite/arrivals.ts';
import { suiteOf } from './suite.ts';

suiteOf('the embedded stack that gathers what arrives', () => startEmbedded({ arrivalsWindowSeconds: 1 }), [arrivals]);
