import { importBeside } from './importTests.ts';

await importBeside();
