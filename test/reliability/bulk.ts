import { inColumns, optionsOf } from '../searchOptions.ts';
import { type BulkResult, runBulk } from './runBulk.ts';

const HELP = `npm run bulk -- [--files 20000] [--seed N] [--json] [--keep]

Puts scene files of one chip under bulk/ on the embedded stack, among a hundred of them one that is blank, one that is
broken and one with the bytes of another; has one sweep classify them in batches; and looks whether each has come to its
end, counted once, with its predictions and no others.

  --files N   how many files (20000)
  --seed N    what they are drawn with (1)
  --json      the figures as JSON, and nothing else on stdout
  --keep      keep the data folder even if all is well; it takes about 70 KB a file in the temporary folder

Exit code: 0 when all of it holds, 1 when something does not, 2 on wrong use. The data folder is kept then.`;

const { json, ...options } = optionsOf(
  'bulk',
  HELP,
  { files: { otherwise: 20_000, least: 1 }, seed: { otherwise: 1, least: 0 } },
  ['json', 'keep'],
);
const progress = process.stderr.isTTY ? (text: string) => process.stderr.write(`\r${text.padEnd(78)}`) : () => {};
const result = await runBulk({ ...options, tell: progress });
progress('');
console.log(json ? JSON.stringify(result) : table(result));
if (!json) for (const trouble of result.errors) console.log(`WRONG: ${trouble}`);
if (result.kept !== null) console.error(`The data folder is kept: ${result.kept}`);
process.exitCode = result.errors.length === 0 ? 0 : 1;

function table({ files, seconds, cpuSeconds, peakRss, batches, ends, predictions, parquetFiles, errors }: BulkResult) {
  const aFile = (total: number) => ((1000 * total) / files).toFixed(2);
  return inColumns([
    ['scene files of one chip', files.toLocaleString('en-US')],
    ['batches', String(batches)],
    [
      'ends',
      Object.entries(ends)
        .map(([state, count]) => `${count.toLocaleString('en-US')} ${state}`)
        .join(', '),
    ],
    ['lost, counted twice, wrong', String(errors.length)],
    ['predictions, in files', `${predictions.toLocaleString('en-US')}, ${parquetFiles}`],
    ['the sweep', `${seconds.sweep.toFixed(1)} s, ${(files / seconds.sweep).toFixed(0)} files a second`],
    ['of it until the first batch', `${seconds.listing.toFixed(1)} s`],
    ['processor time a file', `${aFile(cpuSeconds)} ms`],
    ['most memory (RSS) of the process', `${(peakRss / 2 ** 20).toFixed(0)} MB`],
  ]);
}
