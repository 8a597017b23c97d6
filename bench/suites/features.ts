import { readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import { sum } from 'simple-statistics';
import type { ApiGatewayResult } from '../../aws/apiGateway.ts';
import { slices } from '../../core/base/concurrency/inOrder.ts';
import type { CollectResult } from '../../core/base/messages.ts';
import { makeFeatures } from '../../core/features/featureTable.ts';
import { gatewayEvent } from '../../test/gatewayEvent.ts';
import { functionIn } from '../../test/packaged/functions.ts';
import { coresHere, idlest, keepThisProcessTo } from '../cores.ts';
import { counted, type Figure, measured } from '../figure.ts';
import { bodiesOf } from '../load/bodies.ts';
import type { Counted } from '../meter.ts';
import { startMeteredStage } from '../meteredStage.ts';
import { PRICES } from '../prices.ts';
import { interleaved } from '../rounds.ts';
import type { Suite } from '../suite.ts';

const [NAME, VERSION, GROUP] = ['landsat-statlog', '1.0.0', 'fields'];
const PACKAGE = new URL(`../../models/${NAME}/${VERSION}/`, import.meta.url);
const SAMPLE = new URL('../../samples/landsat-statlog/test.csv', import.meta.url);
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:swath-dev-requests';
const [RECORDS, MILLION] = [1000, 1e6];
/** Inputs in a request, and rounds: a thousand requests take long. */
const SIZES = [
  [100, 15],
  [1, 5],
] as const;
/** As the stage's queue hands messages on. */
const MESSAGES = 500;

type Kind = 'ids' | 'values';
/** What a door takes for so many requests: of the processor, in all functions. */
type Door = (kind: Kind) => Promise<number>;

/** Inputs that name records of the stage's table, against the same values in the requests. */
export const features: Suite = {
  title: 'Inputs that name records, beside the same values inline, on the packaged functions, warm',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      note('NOT MEASURED: the packaged onnxruntime runs on linux/x64 only.');
      return [];
    }
    const cores = await idlest(coresHere());
    if (cores.length > 1) keepThisProcessTo(cores.slice(1));
    tell('sls package');
    const stage = await startMeteredStage(folder, cores.slice(0, 1));
    const inputs = await prepare(stage);
    const figures: Figure[] = [];
    for (const [size, most] of SIZES)
      for (const { name, door, stop } of [await overHttp(stage, inputs, size), await byQueue(stage, inputs, size)]) {
        const rounds = isQuick ? 2 : most;
        const reads = {} as Record<Kind, Counted>;
        const of = (kind: Kind) => async () => {
          stage.meter.take();
          const milliseconds = await door(kind);
          reads[kind] = stage.meter.take();
          return milliseconds;
        };
        const found = await interleaved(rounds, { ids: of('ids'), values: of('values') }, (round) =>
          tell(`${name}, round ${round} of ${rounds}`),
        );
        stop();
        const requests = ({ calls }: Counted) => calls['dynamodb: BatchGetItem'] ?? 0;
        const units = reads.ids.readUnits - reads.values.readUnits;
        const each = size === 1 ? 'one each' : `${size} each`;
        figures.push(
          measured(
            `${RECORDS.toLocaleString('en-US')} inputs by their ids, ${name}, ${each}: processor time of the functions`,
            'ms',
            found.ids,
            { beside: { 'values inline': found.values }, goal: { of: 'ratio', atMost: 1.3 } },
          ),
          counted(`${each}, ${name}: they are read by`, 'BatchGetItem', requests(reads.ids) - requests(reads.values)),
          counted(
            `${each}, ${name}: these reads, of a million`,
            '$',
            (units * PRICES.tableRead.dollars * MILLION) / RECORDS,
          ),
        );
      }
    stage.close();
    note(
      `Requests of so many inputs each, a row of 36 numbers for ${NAME}; records are in the stage's table, and each is named once. Over HTTP, predict takes and classifies them; by queue, collect takes up to ${MESSAGES} messages in a call, and the state machine's functions classify them, without answers. Both kinds have the same predictions, which is looked at. Of the stand-in for AWS, whose tables are its own process, no time is counted. Reads are those that inline values do without.`,
    );
    return figures;
  },
};

type Stage = Awaited<ReturnType<typeof startMeteredStage>>;
type Inputs = Record<Kind, readonly object[]>;

/** Publishes the model, with the group of its records, and puts these into the table. */
async function prepare({ aws, service, tables }: Stage): Promise<Inputs> {
  const models = aws.objects.get(service.environment['MODELS_BUCKET']!)!;
  const put = (key: string, bytes: Uint8Array) => models.set(`${NAME}/${key}`, { bytes, modified: new Date() });
  for (const file of readdirSync(PACKAGE)) put(`${VERSION}/${file}`, readFileSync(new URL(file, PACKAGE)));
  const item = JSON.parse(readFileSync(new URL('item.json', PACKAGE), 'utf8'));
  item.properties['swath:features'] = { group: GROUP };
  put(`${VERSION}/item.json`, Buffer.from(JSON.stringify(item)));
  put('promoted.json', Buffer.from(JSON.stringify({ version: VERSION })));
  const { FEATURES_TABLE: table = '' } = functionIn(service.template, 'collect').Environment.Variables;
  const { put: putRecord } = makeFeatures(tables, table);
  const rows = parse<Record<string, string>>(readFileSync(SAMPLE), { columns: true, to: RECORDS });
  const all: { ids: object[]; values: object[] } = { ids: [], values: [] };
  for (const [i, { class: _, ...row }] of rows.entries()) {
    const values = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
    const id = `field-${i}`;
    await putRecord(GROUP, { id, time: '2026-03-01T00:00:00.000Z', values });
    all.ids.push({ features: { id } });
    all.values.push({ values: Object.values(values) });
  }
  return all;
}

async function overHttp({ service }: Stage, inputs: Inputs, size: number) {
  const predict = await service.warm('predict');
  const headers = { 'content-type': 'application/json' };
  const events = (kind: Kind) =>
    bodiesOf(inputs[kind], size).map((body) =>
      gatewayEvent('POST /v1/models/{model}/predictions', { path: { model: NAME }, headers, body: body.toString() }),
    );
  const asked = { ids: events('ids'), values: events('values') };
  let before: unknown;
  const door: Door = async (kind) => {
    const classes: string[] = [];
    let milliseconds = 0;
    for (const event of asked[kind]) {
      const { result, cpuMilliseconds } = await predict.invoke(event);
      const { statusCode, body } = result as ApiGatewayResult;
      if (statusCode !== 200 || body.includes('"error":"')) throw new Error(`predict answered ${statusCode}: ${body}`);
      const { predictions } = JSON.parse(body) as { predictions: { class: string; probability: number }[] };
      classes.push(...predictions.map((one) => `${one.class} ${one.probability}`));
      milliseconds += cpuMilliseconds;
    }
    before ??= classes;
    if (!isDeepStrictEqual(classes, before)) throw new Error('Inputs by their ids have other predictions than inline.');
    return milliseconds;
  };
  return { name: 'over HTTP', door, stop: predict.stop };
}

async function byQueue({ service, aws, results, pipeline }: Stage, inputs: Inputs, size: number) {
  const collect = await service.warm('collect');
  const stored = aws.objects.get(results)!;
  let seed = 0;
  const door: Door = async (kind) => {
    seed += 1;
    const known = new Set(aws.started.keys());
    const Records = bodiesOf(inputs[kind], size).map((body, i) => {
      const request = { id: `r-${seed}-${i}`, model: `${NAME}/${VERSION}`, ...JSON.parse(body.toString()) };
      return { messageId: `m${i}`, body: JSON.stringify(request), eventSourceARN: QUEUE };
    });
    let milliseconds = 0;
    let failures = 0;
    for (const some of slices(Records, MESSAGES)) {
      const { result, cpuMilliseconds } = await collect.invoke({ Records: some });
      failures += (result as CollectResult).batchItemFailures.length;
      milliseconds += cpuMilliseconds;
    }
    const kept = [...stored].filter(([key]) => key.startsWith(`requests/r-${seed}-`));
    const isRefused = kept.some(([, { bytes }]) => Buffer.from(bytes).includes('"refused"'));
    if (failures > 0 || kept.length !== Records.length || isRefused)
      throw new Error('collect has not taken all inputs.');
    for (const [name, input] of [...aws.started].filter(([one]) => !known.has(one))) {
      const { path, invocations } = await pipeline.execute(input, name);
      if (path.at(-1) !== 'Watch arrivals') throw new Error(`${name} ended in ${path.at(-1)}`);
      milliseconds += sum(invocations.map((one) => one.cpuMilliseconds));
    }
    return milliseconds;
  };
  return { name: 'by queue', door, stop: collect.stop };
}
