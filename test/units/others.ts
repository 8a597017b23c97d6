import { importTests } from './importTests.ts';

await importTests(
  'observability',
  'console',
  'report',
  'charts',
  'aws',
  'stepfunctions',
  'deployment',
  'models',
  'replay',
  'bench',
);
