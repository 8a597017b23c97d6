import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sfc32 } from '../../replay/sfc32.ts';
import { audit, isRun } from './audit.ts';
import { judgeToday } from './judgeToday.ts';
import { blankFile, fileOfChips, invalidFile, type SceneFile } from './sceneFiles.ts';
import { readShardPredictions } from './shardPredictions.ts';
import { readTablesAtRest } from './tablesAtRest.ts';

/** One-chip files under bulk/ on the embedded stack, as a process of its own: in, through one sweep, and audited. */
export type BulkOptions = { files: number; seed: number; keep?: boolean; tell?: (text: string) => void };

export type BulkResult = {
  files: number;
  seconds: { listing: number; sweep: number };
  cpuSeconds: number;
  peakRss: number;
  batches: number;
  ends: Record<string, number>;
  predictions: number;
  parquetFiles: number;
  errors: string[];
  kept: string | null;
};

export type BulkTold = Pick<BulkResult, 'seconds' | 'cpuSeconds' | 'peakRss' | 'batches'>;

/** Of a hundred files one is blank, one is broken and one has the bytes of the file before. */
const IN_A_HUNDRED = { blank: 10, invalid: 20, same: 30 };
/** What came within the last two seconds may be in the making, and is left for later. */
const STILL_MILLISECONDS = 2500;

export async function runBulk({ files, seed, keep = false, tell = () => {} }: BulkOptions): Promise<BulkResult> {
  const home = await mkdtemp(join(tmpdir(), 'swath-bulk-'));
  const dataDir = join(home, 'data');
  const inbox = join(dataDir, 'inbox');
  const predict = await readShardPredictions();
  const made = new Map<string, { file: SceneFile; key: string }[]>();
  const random = sfc32(seed, files, 0);
  const puts: { key: string; sha256: string; kind: SceneFile['kind'] }[] = [];
  mkdirSync(inbox, { recursive: true });
  let before: SceneFile | undefined;
  for (let i = 0; i < files; i += 1) {
    const file = fileAt(i, before);
    const folder = `bulk/${String(Math.floor(i / 1000)).padStart(4, '0')}`;
    if (i % 1000 === 0) await mkdir(join(inbox, folder), { recursive: true });
    const key = `${folder}/${String(i).padStart(6, '0')}`;
    await writeFile(join(inbox, key), file.bytes);
    puts.push({ key, sha256: file.sha256, kind: file.kind });
    if (file.kind === 'chips') made.set(file.sha256, [{ file: { ...file, bytes: Buffer.alloc(0) }, key }]);
    before = file;
    if (i % 500 === 0) tell(`writing files: ${i}`);
  }
  await setTimeout(STILL_MILLISECONDS);
  tell('sweeping');
  const child = fork(join(import.meta.dirname, 'bulkStack.ts'), [dataDir], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--max-semi-space-size=4'], // as `npm start` has it
  });
  const told = await toldBy(child);
  tell('judging the day');
  await judgeToday(dataDir);
  tell('looking at what there is');
  const tables = await readTablesAtRest(join(dataDir, 'tables'));
  const results = join(dataDir, 'results');
  const expected = (sha256: string) => {
    const [one] = made.get(sha256) ?? [];
    return one === undefined ? null : predict({ ...one.file, bytes: readFileSync(join(inbox, one.key)) });
  };
  const found = await audit({ inbox, results, tables, puts, expected });
  const ends: Record<string, number> = {};
  for (const row of tables.ledger.filter(isRun)) ends[String(row['state'])] = (ends[String(row['state'])] ?? 0) + 1;
  const errors = [...found.errors];
  const open = tables.ledger.filter(({ scene }) => scene === 'sweep#batches');
  errors.push(...open.map(({ model }) => `the batch ${model} is still open`));
  const isKept = keep || errors.length > 0;
  if (!isKept) await rm(home, { recursive: true });
  return {
    files,
    ...told,
    ends,
    errors,
    kept: isKept ? home : null,
    predictions: found.predictions,
    parquetFiles: found.parquetFiles,
  };

  function fileAt(i: number, last: SceneFile | undefined): SceneFile {
    const place = i % 100;
    if (place === IN_A_HUNDRED.blank) return blankFile(`bulk ${seed} ${i}`, 1);
    if (place === IN_A_HUNDRED.invalid) return invalidFile(`bulk ${seed} ${i}`, random);
    if (place === IN_A_HUNDRED.same && last !== undefined) return last;
    return fileOfChips(`bulk ${seed} ${i}`, 1, random);
  }
}

async function toldBy(child: ChildProcess): Promise<BulkTold> {
  let told: BulkTold | undefined;
  child.on('message', (message) => {
    told = message as BulkTold;
  });
  const [code] = await once(child, 'exit');
  if (told === undefined) throw new Error(`The stack ended with exit code ${code}, and without a word.`);
  return told;
}
