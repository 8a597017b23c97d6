import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { counted } from '../../charts/format.ts';
import { inColumns, optionsOf } from '../searchOptions.ts';
import { runSoak, type SoakResult } from './runSoak.ts';

const HELP = `npm run soak -- [--files 10000] [--seed N] [--json] [--write] [--keep]

Sends scene files through the embedded stack, one in a hundred with a fault, and one in twenty with its event delivered twice.
After one sweep, every file must be in its final state and counted once, with its predictions. Memory must stay flat, and the
time for a file constant.

  --files N   how many files (10000)
  --seed N    the seed that files, faults and duplicates are drawn with (1)
  --json      print only the figures, as JSON
  --write     put the figures into docs/reliability.md
  --keep      keep the data folder even if all is well; it takes about 0.25 MB a file in the temporary folder

Exit code: 0 if all of this holds, 1 if something does not (the data folder is kept), 2 on wrong use.`;

const DOCUMENT = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));
const [BEGIN, END] = ['<!-- soak: written by `npm run soak -- --write` -->', '<!-- /soak -->'];

const { json, write, ...options } = optionsOf(
  'soak',
  HELP,
  { files: { otherwise: 10_000, least: 20 }, seed: { otherwise: 1, least: 0 } },
  ['json', 'write', 'keep'],
);
const progress = process.stderr.isTTY ? (text: string) => process.stderr.write(`\r${text.padEnd(78)}`) : () => {};
const result = await runSoak({ ...options, tell: progress });
progress('');
console.log(json ? JSON.stringify(result) : `${inColumns(rowsOf(result))}\n`);
if (!json) for (const trouble of result.errors) console.log(`WRONG: ${trouble}`);
if (result.kept !== null) console.error(`The data folder is kept: ${result.kept}`);
if (write) writeInto(DOCUMENT, result);
process.exitCode = result.errors.length === 0 ? 0 : 1;

/** The figures, each with its label. */
function rowsOf({ files, faults, events, ends, lost, memory, time, limits }: SoakResult): [string, string][] {
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`;
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
  const ms = (milliseconds: number) => `${milliseconds.toFixed(1)} ms`;
  const list = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `${grouped(count)} ${name}`)
      .join(', ');
  const few = files.all < limits.judgedFrom ? ' (too few files to judge by)' : '';
  return [
    ['machine', machine()],
    ['scene files', `${grouped(files.all)}: ${list(files.kinds)}; ${grouped(files.chips)} chips, ${mb(files.bytes)}`],
    ['the same bytes under another key', grouped(files.second)],
    ['events delivered twice', `${grouped(events.twice)}, half of them at once`],
    ['faults', `${grouped(faults.injected)} of ${grouped(faults.planned)} planned occurred: ${list(faults.kinds)}`],
    ['final states before the sweep', list(ends.before)],
    ['final states after one sweep', list(ends.after)],
    ['lost, counted twice, wrong', grouped(lost)],
    [
      'memory (RSS) at 10, 50, 100 % of the files',
      `${[memory.atTenth, memory.atHalf, memory.atEnd].map(mb).join(', ')}; peak ${mb(memory.most)}`,
    ],
    ['RSS growth after the first tenth', `${kb(memory.rssAFile)} a file; limit ${kb(limits.rss)}${few}`],
    [
      'memory in use after a collection',
      `${mb(memory.inUse)}; growth after the first tenth ${kb(memory.inUseAFile)} a file; limit ${kb(limits.inUse)}${few}`,
    ],
    [
      'processor time a file, first and last tenth',
      `${ms(time.cpu.first)}, ${ms(time.cpu.last)}: ${ratio(time.cpu)}; limit ${limits.ratio}${few}`,
    ],
    ['elapsed time a file, first and last tenth', `${ms(time.wall.first)}, ${ms(time.wall.last)}: ${ratio(time.wall)}`],
    [
      'total',
      `${counted(Math.round(time.seconds), 'second')}, ${(files.all / time.seconds).toFixed(0)} files a second`,
    ],
  ];
}

function ratio({ first, last }: { first: number; last: number }): string {
  return `ratio ${(last / first).toFixed(2)}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** Replaces the figures from an earlier run. */
function writeInto(path: string, found: SoakResult): void {
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} has no place between ${BEGIN} and ${END}.`);
  const rows = rowsOf(found).map(([name, value]) => `| ${name} | ${value} |`);
  const written = `\`npm run soak -- --files ${found.files.all} --seed ${found.seed}\`:\n\n| | |\n| --- | --- |\n${rows.join('\n')}`;
  writeFileSync(path, `${before}${BEGIN}\n${written}\n${END}${after}`);
}
