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

/**
 * Has every test of some folders run in this process, but for what searches long, the stories, and what a script gives a process of its own:
 * that costs three times what most of these files take. Each file can be run by itself as well. What a test puts in order before
 * each of its kind therefore stands in a `describe`.
 */
export function importTests(...folders: string[]): Promise<void> {
  const patterns = folders.map((folder) => `${folder}/**/*.test.ts`);
  return importAll(
    globSync(patterns, { cwd: PROJECT, exclude: [...SEARCHES, ...STORIES, ...AFTERWARDS, ...ownProcesses()] }),
    folders.join(', '),
  );
}

/** Has the long searches run in this process. */
export function importSearches(): Promise<void> {
  return importAll(globSync(SEARCHES, { cwd: PROJECT }), 'what searches long');
}

/** Has the stories run in this process. */
export function importStories(): Promise<void> {
  runFunctionsHere();
  return importAll(globSync(STORIES, { cwd: PROJECT }), 'whole stories');
}

/** Has the tests of what comes after predictions run in this process. */
export function importAfterwards(): Promise<void> {
  runFunctionsHere();
  return importAll(globSync(AFTERWARDS, { cwd: PROJECT }), 'what comes after predictions');
}

/**
 * Has the functions of embedded stacks run in this process as well. A worker that is a process takes half a second of processor time to
 * start, twice as much as what most stories have it do. Those of the files with a process of their own are processes, and so is one of a story that runs by itself.
 */
function runFunctionsHere(): void {
  const [process, here] = ['local/stack/workerProcess.ts', 'test/benches/workerHere.ts'].map(
    (file) => new URL(`../../${file}`, import.meta.url).href,
  );
  registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      return found.url === process && context.parentURL !== here ? { ...found, url: here! } : found;
    },
  });
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
