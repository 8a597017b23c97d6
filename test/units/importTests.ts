import { globSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** Tests that search long: `npm run test:searches` has them. */
const SEARCHES = [
  'core/drift/{cause,clouds,quietYear}.test.ts',
  'core/measures/bands/{scenes,violations}.test.ts',
  'core/package/text/tokenizer.test.ts',
  'core/releases/questions.test.ts',
  'core/statistics/{differenceAreas,sparseFloor}.test.ts',
  'models/{bundledProfiles,predictionSets}.test.ts',
  'test/mutation/tryMutants.test.ts',
  'bench/bench.test.ts',
];

/** Whole stories on an embedded stack, each of which takes seconds: `npm run test:processes` has them. */
const STORIES = [
  'bench/{chance/days,processTree}.test.ts',
  'cli/documents/{inputDocument,names,requestsDocument,sqlDocument}.test.ts',
  'cli/features/features.test.ts',
  'cli/models/{initModel,models,profileModel,shadowOfPixels,tryModel,weightsBeside}.test.ts',
  'cli/send/{classifyRequest,forget}.test.ts',
  'cli/terminal/{fullDisk,loopback}.test.ts',
  'core/scenes/image/everyDoor.test.ts',
  'local/stack/jobs.test.ts',
  'server/sageMaker.test.ts',
  'test/{embeddedArrivals,embeddedMaskOfModel}.test.ts',
];

/** Those of what comes after predictions: truths, and better models. They take as long as the others, beside which they run. */
const AFTERWARDS = [
  'cli/labels/exportLabels.test.ts',
  'cli/models/{calibrateModel,gate,modelDiff}.test.ts',
  'cli/retrain/{retrain,retrainedBySweeps,retrainMasks}.test.ts',
  'cli/runs/truthOfMasks.test.ts',
  'test/embedded{Answered,Requests,ShadowOverHttp,Truth,TruthOfLabels,TruthOfMasks}.test.ts',
];

/** Those of commands beside a stack, and of what reaches one: files, alarms. */
const BESIDE = [
  'cli/documents/mailPairs.test.ts',
  'cli/doctor/doctor.test.ts',
  'cli/laptop/console.test.ts',
  'cli/runs/retry.test.ts',
  'cli/send/{classify,send}.test.ts',
  'cli/service/ledger.test.ts',
  'local/alarms/{alarmsOfStack,darkBand}.test.ts',
  'local/buckets/intake.test.ts',
  'test/{athena,gdal}.test.ts',
  'test/documents/monitoring.test.ts',
];

/**
 * Has every test of some folders run in this process, but for what searches long, the stories, and what a script gives a process of its own:
 * that costs three times what most of these files take. Each file can be run by itself as well. What a test puts in order before
 * each of its kind therefore stands in a `describe`.
 */
export function importTests(...folders: string[]): Promise<void> {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`);
  return importAll(
    globSync(patterns, {
      cwd: PROJECT,
      exclude: [...SEARCHES, ...STORIES, ...AFTERWARDS, ...BESIDE, ...ownProcesses()],
    }),
    folders.join(', '),
  );
}

/** Has the long searches run in this process. */
export function importSearches(): Promise<void> {
  return importAll(globSync(SEARCHES, { cwd: PROJECT }), 'what searches long');
}

/** Has the stories run in this process. */
export function importStories(): Promise<void> {
  startNoProcesses();
  return importAll(globSync(STORIES, { cwd: PROJECT }), 'whole stories');
}

/** Has the tests of what comes after predictions run in this process. */
export function importAfterwards(): Promise<void> {
  startNoProcesses();
  return importAll(globSync(AFTERWARDS, { cwd: PROJECT }), 'what comes after predictions');
}

/** What takes a process of its own where it runs as it ships, and what does the same in this one. */
const HERE_INSTEAD = {
  'local/stack/workerProcess.ts': 'test/benches/workerHere.ts',
  'cli/models/tryModel.ts': 'test/benches/trialHere.ts',
};

/**
 * Has the functions of embedded stacks run in this process as well, and the trials of models. To start a process takes half a second of
 * processor time, twice as much as what most stories have it do. Those of the files with a process of their own are processes, and so are
 * those of a story that runs by itself.
 */
function startNoProcesses(): void {
  const urlOf = (file: string) => new URL(`../../${file}`, import.meta.url).href;
  const instead = new Map(Object.entries(HERE_INSTEAD).map(([process, here]) => [urlOf(process), urlOf(here)]));
  const itself = new Set([...instead.values(), urlOf('cli/models/tryModel.test.ts')]);
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      const url = itself.has(context.parentURL ?? '') ? undefined : instead.get(found.url);
      return url === undefined ? found : { ...found, url };
    },
  });
}

/** Has the tests of what goes on beside a stack run in this process. */
export function importBeside(): Promise<void> {
  startNoProcesses();
  return importAll(globSync(BESIDE, { cwd: PROJECT }), 'what goes on beside a stack');
}

async function importAll(files: readonly string[], what: string): Promise<void> {
  // The first test waits until the last file is here: before that, the runner would take a pause between two files for the
  // end, and put away what all of them share.
  const loaded = Promise.withResolvers<void>();
  test(`the tests of ${what} are here`, () => loaded.promise);
  try {
    for (const file of files.toSorted()) await import(new URL(`../../${file}`, import.meta.url).href);
    loaded.resolve();
  } catch (error) {
    loaded.reject(error); // otherwise the first test would wait for ever
    throw error;
  }
}

/** The patterns of the files that a script names itself. */
function ownProcesses(): string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return Object.values<string>(scripts).flatMap((script) => script.match(/[^\s']+\.test\.ts/g) ?? []);
}
