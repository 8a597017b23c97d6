import { importTests } from './importTests.ts';

await importTests('observability', 'stepfunctions', 'models', 'replay');
