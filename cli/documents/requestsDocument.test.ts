import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Answer, makeAnswer } from '../../core/doors/requests/answer.ts';
import { parseInput } from '../../core/doors/requests/input.ts';
import { parseRequest } from '../../core/doors/requests/request.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { decodePredictions } from '../../core/results/decodePredictions.ts';
import { columnsOf } from '../../core/results/predictionColumns.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson } from '../runs/report.ts';

/** docs/requests.md: its request is classified and answered as it says, and its clients send what is taken. */

const document = readFileSync(new URL('../../docs/requests.md', import.meta.url), 'utf8');
const snippetsOf = (language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code!);
const [REQUEST = '', ANSWER = ''] = snippetsOf('json');
const MODEL = new URL('../../models/landsat-statlog/1.0.0/', import.meta.url);
const model = await readModelPackage(async (name) => readFileSync(new URL(name, MODEL)));
const cwd = temporaryFolder();

test('the request of docs/requests.md gets the documented answer', async () => {
  const request = parseRequest(REQUEST);
  const answer: Answer = JSON.parse(ANSWER);
  writeFileSync(join(cwd, 'r-17.request.json'), REQUEST);
  const table = fileURLToPath(new URL('../../samples/landsat-statlog/test.csv', import.meta.url));
  const args = ['classify', 'r-17.request.json', table, '--model', fileURLToPath(MODEL), '--json'];
  const [line, file] = jsonLines<ReturnType<typeof toJson>>(await swathHere(args, cwd));
  const { results, ...rest } = answer;
  const rowOf = (run: string, { model, chips, blank }: NonNullable<typeof line>, more: Partial<LedgerRow> = {}) =>
    rowIn('DONE', { run, model, chips: chips!, blank: blank!, day: '2026-03-01', parts: 1, ...more });
  const counted = storedCounts(Object.values(file!.classes!), {
    names: Object.keys(file!.classes!),
    probabilitySum: 1,
  });
  const runOf = (address: string) => /([0-9a-f]{32})-00000\.parquet$/.exec(address)![1]!;
  const found = makeAnswer(request, model, {
    inline: {
      row: rowOf(runOf(answer.files[0]!), line!),
      predictions: await decodePredictions(readFileSync(line!.predictions[0]!), columnsOf(model)),
    },
    refusals: line!.refused!.first,
    warnings: new Map(),
    files: new Map([[2, rowOf((results![2] as { run: string }).run, file!, counted)]]),
    addressOf: (key) => `s3://swath-dev-results/${key}`,
  });
  assert.deepEqual(JSON.parse(JSON.stringify(found)), { ...rest, results });
  assert.deepEqual(Object.keys(found.results![0]!).sort(), Object.keys(results![0]!).sort());
});

describe('the clients of docs/requests.md send a request, and read its answer', () => {
  const chip = new Uint8Array(1000).map((_, i) => i % 256);
  writeFileSync(join(cwd, 'chip.tif'), chip);
  const queue = 'http://sqs.eu-central-1.localhost/111122223333';
  const environment = { QUEUE: `${queue}/requests`, ANSWERS: `${queue}/answers`, ...process.env };
  const answer = JSON.stringify({ results: [{ id: 'chip', class: 'lake', error: null }] });

  function assertTaken(body: string, account = queue): void {
    const { id, inputs, replyTo } = parseRequest(body);
    assert.deepEqual([id, replyTo], ['r-17', `${account}/answers`]);
    assert.deepEqual(
      inputs.map((input) => parseInput(input, 'inputs[0]')),
      [{ id: 'chip', kind: 'image', image: Buffer.from(chip).toString('base64') }],
    );
  }

  async function run(command: string, args: string[], more: NodeJS.ProcessEnv = {}) {
    const child = spawn(command, args, { cwd, env: { ...environment, ...more } });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      said.stdout += text;
    });
    child.stderr.on('data', (text) => {
      said.stderr += text;
    });
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
      child.once('error', () => resolve('no such program'));
    });
    return { code, ...said };
  }

  test('in Python', async (t) => {
    if ((await run('python3', ['-c', ''])).code !== 0) return t.skip('NOT TESTED: there is no python3');
    mkdirSync(join(cwd, 'python'));
    writeFileSync(
      join(cwd, 'python', 'boto3.py'),
      `class Client:
    def send_message(self, QueueUrl, MessageBody): open("python.json", "w").write(MessageBody)
    def receive_message(self, QueueUrl, WaitTimeSeconds): return {"Messages": [{"Body": ${JSON.stringify(answer)}, "ReceiptHandle": "h"}]}
    def delete_message(self, QueueUrl, ReceiptHandle): print("deleted", ReceiptHandle)
def client(name): return Client()
`,
    );
    const { code, stdout, stderr } = await run('python3', ['-c', snippetsOf('python')[0]!], {
      PYTHONPATH: join(cwd, 'python'),
    });
    assert.deepEqual([code, stdout], [0, 'chip lake None\ndeleted h\n'], stderr);
    assertTaken(readFileSync(join(cwd, 'python.json'), 'utf8'));
  });

  test('in JavaScript', async () => {
    const sent: string[] = [];
    const server = createServer(async (request, response) => {
      const [, action = ''] = String(request.headers['x-amz-target']).split('.');
      const { MessageBody = '' } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      if (action === 'SendMessage') sent.push(MessageBody);
      const md5 = (text: string) => createHash('md5').update(text).digest('hex');
      const message = { MessageId: 'm', ReceiptHandle: 'h', Body: answer, MD5OfBody: md5(answer) };
      const answers: Record<string, object> = {
        SendMessage: { MessageId: 'm', MD5OfMessageBody: md5(MessageBody) },
        ReceiveMessage: { Messages: [message] },
      };
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(answers[action] ?? {}));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const account = `http://127.0.0.1:${(server.address() as AddressInfo).port}/111122223333`;
      symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(cwd, 'node_modules'));
      writeFileSync(join(cwd, 'client.mjs'), snippetsOf('js')[0]!);
      const { code, stdout, stderr } = await run(process.execPath, ['client.mjs'], {
        QUEUE: `${account}/requests`,
        ANSWERS: `${account}/answers`,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      });
      assert.deepEqual([code, stdout], [0, 'chip lake null\n'], stderr);
      assert.equal(sent.length, 1);
      assertTaken(sent[0]!, account);
    } finally {
      server.close();
    }
  });

  test('on the command line', async () => {
    const snippet = snippetsOf('bash').find((code) => code.includes('aws sqs'))!;
    mkdirSync(join(cwd, 'bin'));
    const aws = join(cwd, 'bin', 'aws');
    writeFileSync(aws, '#!/bin/sh\necho "$@" >> calls.txt\n');
    chmodSync(aws, 0o755);
    const { code, stderr } = await run('sh', ['-ec', snippet], {
      PATH: `${join(cwd, 'bin')}${delimiter}${process.env['PATH']}`,
    });
    assert.equal(code, 0, stderr);
    assertTaken(readFileSync(join(cwd, 'r-17.json'), 'utf8'));
    assert.deepEqual(readFileSync(join(cwd, 'calls.txt'), 'utf8').split('\n').slice(0, 2), [
      `sqs send-message --queue-url ${queue}/requests --message-body file://r-17.json`,
      `sqs receive-message --queue-url ${queue}/answers --wait-time-seconds 20 --query Messages[].Body --output text`,
    ]);
  });
});
