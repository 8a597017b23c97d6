import { importTests } from './importTests.ts';

await importTests('core/{scenes,results,measures,inference}');
