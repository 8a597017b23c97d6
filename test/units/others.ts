import { importTests } from './importTests.ts';

await importTests('observability', 'stepfunctions', 'deployment', 'models', 'replay', 'cli/doctor', 'bench');
