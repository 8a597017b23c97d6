/**
 * What is mutated, and by which tests that has to be noticed: tests of a module and of those that are built upon it. Of each
 * of them, only those are run that come to the changed place at all.
 */
export type Module = { sources: readonly string[]; tests: readonly string[] };

const UNITS = 'functions/{shared,settle,discover,bulk,drift,retry}';

export const MODULES: Readonly<Record<string, Module>> = {
  ledger: {
    sources: [
      'functions/shared/ledger*.ts',
      'functions/shared/{digestRow,heirs,bulkRows,openBatches,watermark,dueDays,lease,startAttempt,passOn,troubles}.ts',
    ],
    tests: [`${UNITS}/*.test.ts`, 'functions/preprocess/preprocess.test.ts', 'functions/infer/infer.test.ts'],
  },
  drift: { sources: ['functions/drift/**/*.ts'], tests: ['functions/drift/**/*.test.ts'] },
  settle: { sources: ['functions/settle/*.ts'], tests: ['functions/{settle,bulk}/*.test.ts'] },
  discover: { sources: ['functions/discover/*.ts'], tests: ['functions/discover/*.test.ts'] },
  bulk: { sources: ['functions/bulk/*.ts'], tests: ['functions/{bulk,discover,settle,drift}/*.test.ts'] },
  package: {
    sources: ['functions/shared/model/*.ts'],
    tests: ['functions/shared/model/*.test.ts', 'functions/{preprocess,infer}/*.test.ts'],
  },
  readers: {
    sources: ['functions/preprocess/*.ts', 'functions/shared/preparedPart.ts', 'local/versions.ts'],
    tests: [
      'functions/preprocess/*.test.ts',
      'functions/shared/{preparedPart,limits}.test.ts',
      'local/{folderBucket,inbox,inboxNames,watch}.test.ts',
    ],
  },
};

/** In a source folder, what is none: tests, what only they use, and wiring. */
export const NO_SOURCES = ['**/*.test.ts', '**/test[A-Z]*.ts', '**/brokenPackages.ts', '**/handler.ts'];
