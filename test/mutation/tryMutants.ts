import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sfc32 } from '../../replay/sfc32.ts';
import { type Coverage, isReached, readCoverage } from './coverage.ts';
import { type Module, NO_SOURCES } from './modules.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { type Ended, type Run, runTests } from './trial.ts';

/** A change by what it is known by, wherever its line may move to. */
export type Survivor = { file: string; line: number; code: string; change: string };

export type Score = {
  /** All changes that could be made. */
  mutants: number;
  tried: number;
  killed: number;
  /** Of those, by the clock: they go round in a circle. */
  timedOut: number;
  survivors: Survivor[];
};

export type Options = {
  /** At most so many, chosen by the seed. */
  sample: number;
  seed: number;
  atOnce: number;
  /** Whether one is to be tried. */
  isMeant?: (one: Survivor) => boolean;
  onTried?: (tried: number, of: number, survived: number) => void;
};

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** Tests that take so many times as long as without a change, and some seconds more, go round in a circle. */
const PATIENCE = 10;
const PATIENCE_MILLISECONDS = 15_000;
const LONGEST_MILLISECONDS = 300_000;

/** How the tests of a file run without a change. */
type TestFile = { path: string; isInMemory: boolean; milliseconds: number; coverage: Coverage };
type Sourced = Mutant & { known: Survivor };

/** Makes the changes of a module one by one, and says which of them no test notices. */
export async function tryMutants(module: Module, options: Options): Promise<Score> {
  const sources = found(module.sources, NO_SOURCES);
  const all = sources.flatMap(changesIn);
  const tests = found(module.tests);
  const meant = all.filter((one) => options.isMeant?.(one.known) !== false);
  const chosen = shuffled(meant, options.seed).slice(0, options.sample);
  const score: Score = { mutants: all.length, tried: 0, killed: 0, timedOut: 0, survivors: [] };
  if (chosen.length === 0) return score;
  const files: TestFile[] = [];
  await inLanes(tests, options.atOnce, async (path) => void files.push(await withoutChange(path)));
  await checkTogether(files);
  await inLanes(chosen, options.atOnce, async (mutant) => {
    const how = await tryOne(mutant, files);
    score.tried += 1;
    if (how === 'passed') score.survivors.push(mutant.known);
    else score.killed += 1;
    if (how === 'timed out') score.timedOut += 1;
    options.onTried?.(score.tried, chosen.length, score.survivors.length);
  });
  const order = new Map(all.map(({ known }, i) => [known, i]));
  score.survivors.sort((one, other) => order.get(one)! - order.get(other)!);
  return score;
}

/** The share of the changes that tests have noticed, in percent. */
export function percentOf({ killed, tried }: Pick<Score, 'killed' | 'tried'>): number {
  return tried === 0 ? 100 : (100 * killed) / tried;
}

function found(patterns: readonly string[], exclude: readonly string[] = []): string[] {
  for (const pattern of patterns)
    if (globSync(pattern, { cwd: PROJECT }).length === 0)
      throw new Error(`test/mutation/modules.ts: found no file for ${pattern}. Name those that there are.`);
  return globSync([...patterns], { cwd: PROJECT, exclude: [...exclude] }).sort();
}

function changesIn(file: string): Sourced[] {
  const source = readFileSync(join(PROJECT, file), 'utf8');
  const lines = source.split('\n');
  return mutantsOf(file, source).map((mutant) => {
    const { line, from, to } = mutant;
    const change = `${inOneLine(from)} → ${inOneLine(to)}`;
    return { ...mutant, known: { file, line, code: lines[line - 1]!.trim(), change } };
  });
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

const known = new Map<string, Promise<TestFile>>();

/** Runs the tests of a file as they are, once: with tables in memory, unless they want real ones. */
function withoutChange(path: string): Promise<TestFile> {
  const file = known.get(path) ?? runUnchanged(path);
  known.set(path, file);
  return file;
}

async function runUnchanged(path: string): Promise<TestFile> {
  for (const isInMemory of [true, false]) {
    const folder = mkdtempSync(join(tmpdir(), 'swath-mutants-'));
    try {
      const { how, milliseconds } = await runTests(runOf([path], isInMemory), LONGEST_MILLISECONDS, folder);
      const isSource = (url: string) => url.startsWith(pathToFileURL(PROJECT).href) && !url.includes('/node_modules/');
      if (how === 'passed') return { path, isInMemory, milliseconds, coverage: readCoverage(folder, isSource) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  throw new Error(`${path}: its tests fail without a change. Mend that first: npx node --test ${path}`);
}

/** Tests share a process here: what they leave to one another may make none of them fail. */
async function checkTogether(files: readonly TestFile[]): Promise<void> {
  for (const isInMemory of [true, false]) {
    const paths = files.filter((one) => one.isInMemory === isInMemory).map(({ path }) => path);
    const { how } = await runTests(runOf(paths, isInMemory), LONGEST_MILLISECONDS);
    if (paths.length > 0 && how !== 'passed')
      throw new Error(
        `${paths.join(', ')}: these tests pass each by itself, and not in one process${isInMemory ? ' with tables in memory' : ''}. Mend that first.`,
      );
  }
}

/** Those beside the source first, which notice most; then the others that come to the place. */
async function tryOne({ file, start, end, to }: Mutant, files: readonly TestFile[]): Promise<Ended['how']> {
  const url = pathToFileURL(join(PROJECT, file)).href;
  const change = { url, start, end, to };
  const reaching = files
    .filter(({ coverage }) => isReached(coverage, url, start))
    .sort((one, other) => one.milliseconds - other.milliseconds);
  const isBeside = ({ path }: TestFile) => basename(path).startsWith(basename(file, '.ts'));
  const groups = [reaching.filter(isBeside), reaching.filter((one) => !isBeside(one))];
  for (const group of groups)
    for (const isInMemory of [true, false]) {
      const some = group.filter((one) => one.isInMemory === isInMemory);
      if (some.length === 0) continue;
      const took = some.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      const paths = some.map(({ path }) => path);
      const { how } = await runTests({ ...runOf(paths, isInMemory), change }, PATIENCE_MILLISECONDS + PATIENCE * took);
      if (how !== 'passed') return how;
    }
  return 'passed';
}

function runOf(paths: readonly string[], isInMemory: boolean): Run {
  return { tests: paths.map((path) => join(PROJECT, path)), isInMemory };
}

async function inLanes<Item>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = sfc32(seed, items.length, 0);
  const places = items.map((item) => ({ item, place: random() }));
  return places.sort((one, other) => one.place - other.place).map(({ item }) => item);
}
