import { importAfterwards } from './importTests.ts';

await importAfterwards();
