import { importSearches } from './importTests.ts';

await importSearches();
