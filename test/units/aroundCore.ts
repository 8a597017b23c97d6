import { importTests } from './importTests.ts';

await importTests(
  'observability',
  'server',
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
