import { ofOnline } from '../../core/metrics/onlineMetrics.ts';
import { type Bill, billOf, dollarsOf, FEWER_POLLERS, times, total } from '../bill.ts';
import { coresHere, idlest, keepThisProcessTo } from '../cores.ts';
import { type Measured, startCostBench } from '../costBench.ts';
import { counted, type Figure } from '../figure.ts';
import { PRICES, READ_ON, REGION } from '../prices.ts';
import type { Suite } from '../suite.ts';

const MILLION = 1e6;
/** What waiting for AWS costs is told for so many milliseconds more a request. */
const MORE_MILLISECONDS = 10;

/** Dollars for a million chips, and for a month without any. */
export const cost: Suite = {
  title: `Cost in ${REGION}, without free tiers: dollars for a million chips, and for an idle month`,
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      note('NOT COUNTED: the packaged onnxruntime runs on linux/x64 only.');
      return [];
    }
    const cores = await idlest(coresHere());
    if (cores.length > 1) keepThisProcessTo(cores.slice(1));
    tell('sls package');
    const bench = await startCostBench(folder, cores.slice(0, 1));
    const times = isQuick ? 3 : 15;
    tell('files of 81 chips');
    const shards = await bench.ofFile(81, times);
    const chips = isQuick ? 1620 : 20_000;
    tell(`files of ${chips} chips`);
    const large = await bench.ofFile(chips, isQuick ? 1 : 3);
    tell('one-chip files');
    const single = await bench.ofFile(1, times);
    tell('sweeps');
    const sweptFiles = isQuick ? 50 : 400;
    const sweeps = await bench.ofSweeps(sweptFiles);
    tell('one-chip files under bulk/');
    const bulk = await bench.ofBulkFiles(isQuick ? 200 : 2000);
    tell('files that are gathered');
    const swept = isQuick ? 200 : 2000;
    const gathered = await bench.ofArrivals(isQuick ? 60 : 150, 81, swept);
    const gatheredSingle = await bench.ofArrivals(isQuick ? 200 : 1000, 1, swept);
    tell('predictions over HTTP');
    const [calls, inputs] = [isQuick ? 10 : 100, 100];
    const online = await bench.ofOnline(calls, inputs);
    tell('an idle month');
    const idle = await bench.ofIdleMonth();
    bench.close();
    note(
      `Prices of ${READ_ON}, each with its page in bench/prices.ts. Calls and units are counted, and milliseconds measured, on the packaged functions, warm, before a stand-in for AWS that answers at once: what AWS lets a request wait is told by itself. Where a function has less memory than brings a core, its processor time is billed as so much longer. Where other work runs on the machine, calls wait for a core, which Lambda would not bill.`,
    );
    note(
      'Not among it: the files themselves in the inbox, which would be stored anyway ($1.00 a month for a million chips of 47 KB), cold starts, and retries.',
    );
    note(
      `One-chip files under bulk/ are ${bulk.files.toLocaleString('en-US')} in a folder, whose marker starts the sweep that classifies them.`,
    );
    note(
      `Gathered files come within a window of 60 s (arrivalsWindowSeconds): ${gathered.files} of 81 chips, shared by five pollers of their queue, so that their batches are not full; and ${gatheredSingle.files.toLocaleString('en-US')} of one, in ${isQuick ? 'five batches' : 'full batches of 500, so that more of them would cost the same each'}. Their keys lie beside one another; where they do not, a listing each adds $5 a million files. Their sweeps are those of a day with ${swept.toLocaleString('en-US')} of them; the others' of one with ${sweptFiles}.`,
    );
    note(
      `Predictions over HTTP are calls of the REST API of ${inputs} chips of the bundled model each, as base64 of the pixels; the messages of ${calls} calls, as of a minute, are gathered together to be counted. Besides, a month of which every hour has requests has the metrics of their log lines: ${Object.keys(ofOnline).length} of them at most, and OnlineErrors by its kinds, at $${PRICES.metricMonth.dollars.toFixed(2)} each.`,
    );
    note(
      'A queue that nobody writes to is reckoned with five pollers that wait for twenty seconds each. Of low traffic AWS says that Lambda “can optimize to as few as 2” (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html), as long as no maximum concurrency is set, and none is.',
    );
    const ofKind = (name: string, chips: number, found: Measured, atMost?: number) =>
      figuresOf({ name, chips: chips * found.files, atMost, memoryOf: bench.memoryOf, ...found });
    return [
      ...ofKind('files of 81 chips', 81, { ...shards, sweeps }, 3.4),
      ...ofKind(`files of ${chips.toLocaleString('en-US')} chips`, chips, { ...large, sweeps }),
      ...ofKind('one-chip files, an execution each', 1, { ...single, sweeps }),
      ...ofKind('one-chip files under bulk/', 1, bulk, 6),
      ...ofKind('files of 81 chips, gathered', 81, gathered, 0.3),
      ...ofKind('one-chip files, gathered', 1, gatheredSingle, 5),
      ...ofKind(`predictions over HTTP, in calls of ${inputs}`, inputs, online),
      dollars('an idle month', total(idle.stage), 5.5),
      ...linesOf(idle.stage),
      dollars('an idle month with the queue of arrivals', total([...idle.stage, ...idle.arrivals])),
      ...linesOf(idle.arrivals),
      dollars(
        'an idle month with both queues, of arrivals and of requests',
        total([...idle.stage, ...idle.arrivals, ...idle.requests]),
        6,
      ),
      ...linesOf(idle.requests),
      dollars(`not in it: ${FEWER_POLLERS.what}, each queue`, dollarsOf(FEWER_POLLERS)),
      dollars('an idle month with the REST API besides', total(Object.values(idle).flat())),
      ...linesOf(idle.api),
    ];
  },
};

type Kind = Measured & {
  name: string;
  /** Of all its files together. */
  chips: number;
  atMost: number | undefined;
  memoryOf: (name: string) => number;
};

function figuresOf({ name, chips, files, needs, callers, sweeps, atMost, memoryOf }: Kind): Figure[] {
  const perMillion = MILLION / chips;
  const ofSweeps = (dollars: number) => dollars * files * perMillion;
  const waited = Object.entries(callers).reduce((gb, [caller, count]) => gb + (count * memoryOf(caller)) / 1024, 0);
  const more = ((waited * MORE_MILLISECONDS) / 1000) * PRICES.lambdaGbSecond.dollars * perMillion;
  const bill = times(billOf(needs), perMillion);
  return [
    dollars(name, total(bill) + ofSweeps(sweeps.first + sweeps.later), atMost),
    ...linesOf(bill),
    ...(sweeps.first === 0 // not reckoned
      ? []
      : [
          dollars('… the next daily sweep: its day judged and reported on', ofSweeps(sweeps.first)),
          dollars('… the sweeps that look back at it: is it known?', ofSweeps(sweeps.later)),
        ]),
    dollars(`not in it: each ${MORE_MILLISECONDS} ms that AWS lets every request wait`, more),
  ];
}

function linesOf(bill: Bill): Figure[] {
  return bill.filter(({ amount }) => amount > 0).map((line) => dollars(`… ${line.what}`, dollarsOf(line)));
}

function dollars(name: string, value: number, atMost?: number): Figure {
  return counted(name, '$', value, atMost);
}
