import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { listKeysIn, readFrom } from '../../aws/bucket.ts';
import { promotedKey, shadowKey } from '../../core/base/keys.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { ComparedRuns } from '../../core/releases/comparison/compareRuns.ts';
import { SHADOWED_DAYS } from '../../core/releases/comparison/followCandidate.ts';
import { makeModels } from '../../core/releases/models.ts';
import type { HistoryRecord } from '../../core/releases/promotionHistory.ts';
import { candidateLife, type Life } from '../candidates/life.ts';
import { NAME, type Versions, writePackages } from '../candidates/packages.ts';
import { makeQueue, type Queue } from '../queue.ts';
import { sceneOf } from '../scenes.ts';
import type { Stage } from '../stage.ts';
import type { Subject } from '../suite/subject.ts';
import { type Ended, jsonLines, swath } from '../swath.ts';
import { type ModelRegistry, WATCHED } from './modelRegistry.ts';

/** The live version's own rules: the stage has none, so that others may promote what they like there. */
const GATE = { max_accuracy_drop: 0.05, min_chips: 300 };
/** A week has so many files here, each of the bundled shard so many times over: as few as the gate needs. */
const [FILES, SHARDS] = [2, 3];
const SHARD_CHIPS = 81;
/** Where the machine is busy with others. */
const SHADOW_SECONDS = 180;
const TOLD_SECONDS = 120;
/** Whom the account takes whoever calls for. */
const CALLER = 'arn:aws:iam::000000000000:root';
const BETTER = 'it is right more often, in each file of the week';

/** The stage, the registry that it watches, and what leads the command line to its account. */
type At = () => { stage: Stage; subject: Subject; registry: ModelRegistry; environment: Record<string, string> };

/** How a candidate comes to shadow the live version, and to be judged: the rest is the same. */
type Way = Pick<Life, 'by' | 'reason' | 'told'> & {
  alias: string;
  arrives: (version: string) => Promise<unknown>;
  decides: Life['decides'];
};

/** The life of candidates on a deployed stage: by the hand of whoever calls the command line, and by the stage itself. */
export function candidates(at: At): void {
  describe('a candidate from a registry, by hand', () => {
    const model = commandsOf(at);
    const live = aLife(at, { live: '8.0.0', worse: '8.1.0', better: '8.2.0' }, () => ({
      by: CALLER,
      reason: new RegExp(`^${BETTER}$`),
      told: null,
      alias: 'challenger',
      arrives: async (version) => {
        const from = 'mlflow:drought@challenger';
        assert.partialDeepStrictEqual(await model.answerOf('publish', from), { version, isNew: true, from });
        assert.partialDeepStrictEqual(await model.answerOf('shadow', `${NAME}/${version}`), { version, share: 1 });
      },
      decides: async (version, to) => {
        const { code, stdout, stderr } = await model.run('promote', `${NAME}/${version}`, '--reason', BETTER);
        if (to === 'promoted') return assert.equal(code, 0, stdout + stderr);
        assert.deepEqual([code, stdout], [1, '']);
        assert.match(
          stderr,
          new RegExp(
            `^swath: ${NAME} ${version} is not promoted, \\S+ stays\\. The gate was asked question \\d+ about it, `,
            'm',
          ),
        );
        assert.match(stderr, /^ {2}Accuracy: of \d+ chips whose truth is known, .* \(max_accuracy_drop 0\.05\)\.$/m);
        assert.match(stderr, / model promote \S+ --anyway "WHY" --stage test$/m);
        assert.partialDeepStrictEqual(await model.answerOf('shadow', '--end'), { ended: { version } });
      },
    }));
    candidateLife(live);
  });

  describe('a candidate from a registry that the stage watches', () => {
    let queue: Queue;
    const heard = new Map<string, string>();

    /** Calls the function as its schedule does, and waits for what it tells. */
    async function look(version: string, outcome: string, subject: string): Promise<void> {
      const { lambda, functionName } = at().stage;
      const Payload = JSON.stringify({ source: 'aws.events', detail: {} });
      const called = await lambda.send(new InvokeCommand({ FunctionName: functionName('watch'), Payload }));
      const answer = JSON.parse(called.Payload!.transformToString());
      assert.deepEqual(answer, { outcome, candidate: { name: NAME, version } });
      await queue.saw(({ MessageId, Subject }: { MessageId: string; Subject: string }) => {
        const [, what] = /^Swath test: (.*)$/.exec(Subject) ?? [];
        if (what !== undefined) heard.set(MessageId, what);
        return what === subject;
      }, TOLD_SECONDS);
    }

    before(async () => {
      const { account, output } = at().stage;
      queue = await makeQueue('swath-test-candidates', 'sns', account);
      const sns = new SNSClient(account);
      const TopicArn = output('AlarmTopicArn');
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue.arn }));
      sns.destroy();
    });
    after(() => queue?.close());

    const live = aLife(at, { live: '9.0.0', worse: '9.1.0', better: '9.2.0' }, () => ({
      by: WATCHED,
      reason: /^It has shadowed the live version since 20/,
      alias: 'champion',
      told: async () => [...heard.values()],
      arrives: (version) => look(version, 'candidate', `A candidate: ${NAME} ${version}`),
      decides: async (version, to) => {
        await letTheWeekPass(at);
        if (to === 'promoted') return look(version, 'promoted', `Promoted: ${NAME} ${version}`);
        return look(version, 'held', `The gate has not let ${NAME} ${version} pass`);
      },
    }));
    candidateLife(live);

    test('a failed look is reported, whatever the reason', async () => {
      const { stage } = at();
      const FunctionName = stage.functionName('watch');
      // Without the two tries more, a minute and two after the first.
      const asked = { FunctionName, Qualifier: '$LATEST' };
      const { DestinationConfig } = await stage.lambda.send(new GetFunctionEventInvokeConfigCommand(asked));
      const once = { ...asked, DestinationConfig, MaximumRetryAttempts: 0 };
      await stage.lambda.send(new PutFunctionEventInvokeConfigCommand(once));
      const Payload = JSON.stringify('no event');
      await stage.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
      const isIt = ({ Message }: { Message: string }) => Message.includes('responsePayload');
      const { Message } = await queue.saw(isIt, TOLD_SECONDS);
      const { requestContext, responsePayload } = JSON.parse(Message);
      assert.match(requestContext.functionArn, new RegExp(`:function:${FunctionName}(:|$)`));
      assert.equal(responsePayload.errorType, 'InvalidMessage');
    });
  });
}

/** Has a shadow have begun a week earlier than it has: nobody can tell a deployed stage another time. */
async function letTheWeekPass(at: At): Promise<void> {
  const { stage, subject } = at();
  const models = makeModels(readFrom(stage.output('ModelsBucket'), stage.s3), NAME);
  const shadow = (await models.shadow())!;
  const since = new Date(Date.parse(shadow.since) - SHADOWED_DAYS * DAY_MILLISECONDS).toISOString();
  await subject.stack.writeModel(shadowKey(NAME), Buffer.from(JSON.stringify({ shadow: { ...shadow, since } })));
}

/** `swath model …` on the stage, by a process of its own. */
function commandsOf(at: At) {
  const run = (...args: string[]): Promise<Ended> => {
    const { environment, registry, stage } = at();
    return swath(['model', ...args, '--stage', stage.name], process.cwd(), { ...environment, ...registry.environment });
  };
  async function answersOf<Answer>(...args: string[]): Promise<Answer[]> {
    const ended = await run(...args, '--json');
    assert.equal(ended.code, 0, `swath model ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return jsonLines<Answer>(ended);
  }
  return {
    run,
    answersOf,
    answerOf: async <Answer>(...args: string[]): Promise<Answer> => (await answersOf<Answer>(...args))[0]!,
  };
}

/** A life on the stage, whose first version is live while it lasts. */
function aLife(at: At, versions: Versions, wayOf: () => Way): () => Life {
  const home = mkdtempSync(join(tmpdir(), 'swath-candidates-'));
  const model = commandsOf(at);
  let life: Life;
  let former: Uint8Array;

  before(async () => {
    const { stage, subject, registry } = at();
    const { stack } = subject;
    const read = readFrom(stage.output('ModelsBucket'), stage.s3);
    const models = makeModels(read, NAME);
    const ledger = makeLedger(stage.tables, stage.output('LedgerTable'));
    const packages = writePackages(home, versions, GATE);
    const folders = new Map(Object.entries(versions).map(([part, version]) => [version, packages[part as 'live']]));
    const { arrives, decides, alias, ...way } = wayOf();
    let files = 0;

    async function run(): Promise<LedgerRow> {
      files += 1;
      const name = `of ${versions.live}, ${files}`;
      const scene = await stack.put(subject.key(name), sceneOf(subject.unique(name), SHARDS * SHARD_CHIPS));
      const by = (await models.promotion())!;
      const row = await subject.settled(scene, by);
      assert.equal((await stack.ended(row.execution)).status, 'SUCCEEDED'); // it is counted behind its row
      return row;
    }

    former = await read(promotedKey(NAME));
    await model.answerOf('publish', packages.live);
    await model.answerOf('promote', versions.live, '--anyway', 'so that there is a version to be better than');
    life = {
      versions,
      ...way,
      decides,
      ledger,
      arrives: async (version) => {
        await registry.register(folders.get(version)!, alias);
        await arrives(version);
      },
      week: async () => {
        const rows = await Promise.all(Array.from({ length: FILES }, run));
        await Promise.all(rows.map((row) => shadowed(ledger, row)));
        return rows;
      },
      another: run,
      goesBack: async () => {
        assert.partialDeepStrictEqual(await model.answerOf('rollback'), { version: versions.live });
      },
      live: async () => (await models.promotion())?.version,
      shadow: async () => (await models.shadow())?.version,
      compared: async (first, second) => {
        const asked = ['diff', `${NAME}/${first}`, `${NAME}/${second}`, '--since', '1d'];
        return model.answerOf<ComparedRuns>(...asked);
      },
      history: () => model.answersOf<HistoryRecord>('history', '--limit', '9'),
      listResults: listKeysIn(stage.output('ResultsBucket'), stage.s3),
      metrics: { table: stage.tables, name: stage.output('MetricsTable') },
    };
  });
  after(async () => {
    if (former !== undefined) await at().subject.stack.writeModel(promotedKey(NAME), former);
    rmSync(home, { recursive: true });
  });
  return () => life;
}

/** Waits until the shadow of a run is at an end. */
async function shadowed({ shadowsOf }: Life['ledger'], { scene, changed }: LedgerRow): Promise<void> {
  for (const end = Date.now() + SHADOW_SECONDS * 1000; Date.now() < end; await setTimeout(200)) {
    const rows = await shadowsOf(scene);
    if (rows.length > 0 && rows.every(({ state }) => !isRunning(state))) return;
  }
  throw new Error(`${scene.key}, done at ${changed}, was not shadowed within ${SHADOW_SECONDS} seconds.`);
}
