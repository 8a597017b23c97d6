import { importTests } from './importTests.ts';

await importTests('core', 'functions');
