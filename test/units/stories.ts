import { importStories } from './importTests.ts';

await importStories();
