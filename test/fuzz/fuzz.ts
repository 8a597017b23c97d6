import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { startLane } from './lane.ts';
import { type Counts, type Finding, sharesOf } from './run.ts';
import { TARGETS } from './targets/all.ts';
import { watched } from './watch.ts';

/**
 * `npm run fuzz`: gives a great many damaged inputs to all that reads bytes which are not our own, in a thread a core. An
 * input that is not read as it should be is written into a file, with the command that reads it again.
 */

const USAGE = `npm run fuzz -- [--inputs 20000] [--seed 1] [--only tfrecord,item] [--threads 2] [--findings FOLDER] [--json]
npm run fuzz -- --only tfrecord --replay FILE
Targets: ${TARGETS.map(({ name }) => name).join(', ')}`;

const WORKER = new URL('./worker.ts', import.meta.url);
/** An input that takes longer is one that hangs; by the clock, and the machine may be busy with other things. */
const HANG_SECONDS = 120;
const PROGRESS_SECONDS = 10;
/** Of faults that look alike, so many are kept as files. */
const KEPT_ALIKE = 3;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    threads: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    findings: { type: 'string', default: 'fuzz-findings' },
    replay: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [inputs, seed, threads] = [values.inputs, values.seed, values.threads].map(Number) as [number, number, number];
const names = values.only?.split(',');
const targets = TARGETS.filter(({ name }) => names?.includes(name) ?? true);
const isWrong = [inputs, seed, threads].some((number) => !Number.isInteger(number) || number < 1);
if (values.help || isWrong || targets.length !== (names?.length ?? TARGETS.length)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}
process.exitCode = values.replay === undefined ? await fuzz() : await replay(values.replay);

async function replay(file: string): Promise<number> {
  const input = new Uint8Array(readFileSync(file));
  for (const target of targets) {
    const { refused, fault } = await watched(target, input);
    console.log(
      `${target.name}: ${fault === undefined ? (refused ? 'refused, as it should be' : 'fine') : `${fault.kind}: ${fault.what}`}`,
    );
    if (fault !== undefined) return 1;
    // What the parser itself says, with its trace.
    if (names !== undefined)
      await Promise.resolve(target.read(input)).catch((error: Error) => console.log(error.stack));
  }
  return 0;
}

async function fuzz(): Promise<number> {
  const started = performance.now();
  const counts = new Map(targets.map(({ name }) => [name, { inputs: 0, refused: 0, milliseconds: 0 }]));
  const kinds = new Map<string, number>();
  const findings: Finding[] = [];
  const found = (finding: Finding) => {
    const { target, fault } = finding;
    // Alike is what differs in numbers only.
    const kind = `${target} ${fault.kind} ${fault.what.replace(/\d+|"[^"]*"|'[^']*'/g, '#').slice(0, 70)}`.replace(
      /\s+/g,
      ' ',
    );
    const times = (kinds.get(kind) ?? 0) + 1;
    kinds.set(kind, times);
    if (times > KEPT_ALIKE) return;
    findings.push(finding);
    tellFinding(finding);
  };
  const add = (name: string, more: Counts) => {
    const sum = counts.get(name)!;
    for (const key of ['inputs', 'refused', 'milliseconds'] as const) sum[key] += more[key];
  };
  const shares = [...sharesOf(targets, inputs)];
  const lanes = Array.from({ length: threads }, (_, lane) => {
    const jobs = shares.map(([{ name }, share]) => {
      const count = Math.floor(share / threads) + (lane < share % threads ? 1 : 0);
      return { target: name, from: lane, count, step: threads };
    });
    return startLane({ worker: WORKER, seed, jobs, targets, hangSeconds: HANG_SECONDS, found, add });
  });
  const progress = setInterval(() => {
    if (values.json) return;
    const done = lanes.reduce((sum, { done }) => sum + done(), 0);
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `${count(done)} of ${count(inputs)} inputs, ${count(done / seconds)} a second, ${findings.length} findings`,
    );
  }, PROGRESS_SECONDS * 1000);
  await Promise.all(lanes.map(({ ended }) => ended));
  clearInterval(progress);
  const seconds = (performance.now() - started) / 1000;
  tellResult(counts, kinds, seconds);
  return findings.length === 0 ? 0 : 1;
}

function tellFinding({ target, number, input, fault }: Finding): void {
  mkdirSync(values.findings, { recursive: true });
  const file = join(values.findings, `${target}-${seed}-${number}.bin`);
  writeFileSync(file, input);
  if (values.json) return;
  console.log(`\n${target}, seed ${seed}, input ${number} of ${input.length} bytes: ${fault.kind}: ${fault.what}`);
  console.log(`  npm run fuzz -- --only ${target} --replay ${relative('.', file)}\n`);
}

function tellResult(counts: Map<string, Counts>, kinds: Map<string, number>, seconds: number): void {
  const all = [...counts.values()].reduce((sum, one) => sum + one.inputs, 0);
  const faults = [...kinds].map(([kind, times]) => ({ kind, times }));
  if (values.json) {
    console.log(JSON.stringify({ seed, inputs: all, seconds, targets: Object.fromEntries(counts), faults }));
    return;
  }
  for (const [name, { inputs: read, refused, milliseconds }] of counts)
    console.log(
      `${name.padEnd(12)} ${count(read).padStart(9)} inputs  ${`${((100 * refused) / read).toFixed(1)} %`.padStart(7)} refused  ${count((1000 * read) / milliseconds).padStart(7)} a second and thread`,
    );
  for (const { kind, times } of faults) console.log(`FOUND ${times} ×: ${kind}`);
  console.log(
    `${count(all)} inputs of seed ${seed} in ${count(seconds)} s, ${count(all / seconds)} a second: ${kinds.size} faults.`,
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
