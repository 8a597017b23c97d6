import { isBulk } from '../../core/base/keys.ts';
import { type CollectResult, runId, type SceneRef, sceneInput, sweepInput } from '../../core/base/messages.ts';
import type { ObjectVersion } from '../../core/base/objectStore.ts';
import { logTo } from '../../core/base/step.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import { notificationOf } from '../../core/doors/notifications/notification.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { makeRetry } from '../../core/ledger/retry.ts';
import { recoverClaims } from '../../local/stack/recoveredClaims.ts';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { makeFaults, type Plan } from './faults.ts';
import { makeFeeds } from './feeds.ts';
import type { SceneFile } from './files.ts';
import type { Version } from './inbox.ts';
import { IN_CONTAINER, MODEL, PIXEL_MODEL_OBJECTS, SHADOW_OBJECTS, servingBeside } from './model.ts';
import { makeQueue } from './queue.ts';
import { makeReleases } from './releases.ts';
import { makeRequestQueues } from './requestQueues.ts';
import { COUNTS_URL, QUEUE_URL } from './requests.ts';
import { makeRules } from './rules.ts';
import type { Scenario, Stage } from './scenarios.ts';
import { between } from './schedule.ts';
import { makeServices, type Patch } from './stateMachine.ts';
import { makePorts, SETTINGS } from './steps.ts';
import { TableClient } from './table.ts';
import type { SentTruths } from './truths.ts';
import type { Violation } from './violation.ts';
import { makeWorld, type Worker } from './world.ts';

/** One case: what happens, in which order, and what goes wrong. */
export type Case = { scenario: Scenario; plan: Plan; order: readonly [number, number] };

export type Played = {
  violations: Violation[];
  /** Every call that was made while faults could happen, by its name. */
  sites: readonly string[];
  hit: ReadonlySet<string>;
  injected: number;
  calls: number;
  trace: string[];
};

const DAY = '2026-03-03';
/** The sweep of the schedule, which is the last one some days later, when all faults are over. */
const SWEEP = `${DAY}T00:15:00.000Z`;
const DAYS = 2;
/** What a service has in its tables that was swept the day before: so the sweeps need not look at all that ever was. */
const LIVED_IN = [[LEDGER_TABLE, { scene: 'sweep#judged', model: '-', judgedUntil: '2026-03-01' }]] as const;
/** So much the order of things varies by the case, beside what the schedule does. */
const SLOW_SHARE = 0.15;
/** The most milliseconds that a call takes then. */
const SLOW_PACE = 20_000;

/** Lets a case happen from its beginning to a sweep after its last fault, and says which rules were broken. */
export async function play({ scenario, plan, order }: Case, patch?: Patch, isTraced = false): Promise<Played> {
  const random = { schedule: sfc32(order[0], order[1], 1), faults: sfc32(order[0], order[1], 2) };
  const start = new Date(`${DAY}T${scenario.begins ?? '10:00'}:00.000Z`);
  const end = new Date(Date.parse(SWEEP) + (scenario.days ?? DAYS) * DAY_MILLISECONDS);
  const settings = { ...SETTINGS, attemptLimit: scenario.attemptLimit ?? SETTINGS.attemptLimit };
  const faults = makeFaults(plan, random.faults, scenario.goesWrong);
  const owners = new Map<string, string>();
  let isCursing = true;
  let shadowFaults = 0;
  const world = makeWorld(
    { storage: scenario.storage, start, end },
    faults,
    {
      onWrite: (written, worker) => rules.onWrite(written, worker),
      onResult: (change, worker) => rules.onResult(change, worker),
      onEnd: (worker) => rules.onEnd(worker),
      onPublish: (datums, worker) => rules.onPublish(datums, worker),
      isCursed: (worker, port) => {
        if (!isCursing) return false;
        const isShadowsCurse = scenario.shadow === 'failing' && worker.role === 'infer' && isOfShadow(worker);
        if (isShadowsCurse) shadowFaults += 1;
        return isShadowsCurse || scenario.isCursed?.(worker, port, (execution) => owners.get(execution)) === true;
      },
    },
    random,
    isTraced,
  );
  world.isModelDown = scenario.isModelDown === true;
  if (scenario.beside !== undefined) world.models.set(...servingBeside(scenario.beside));
  if (scenario.ofPixels === true) for (const object of PIXEL_MODEL_OBJECTS) world.models.set(...object);
  for (const object of scenario.shadow === undefined ? [] : SHADOW_OBJECTS) world.models.set(...object);
  for (const object of scenario.isInContainer === true ? IN_CONTAINER : []) world.models.set(...object);
  const rules = makeRules(world, settings, () => faults.injected(), {
    ...scenario,
    isOfShadow,
    isFaultless: () => faults.injected() === shadowFaults,
  });
  const early: Violation[] = [];
  const releases =
    scenario.isOfReleases === true
      ? makeReleases(world, (rule, what) => void early.push({ rule, what }), patch?.bucket)
      : undefined;
  const feeds =
    scenario.isOfFeed === true ? makeFeeds(world, (key, file) => stage.put(key, file), patch?.feed) : undefined;
  const { schedule } = world;
  const services = makeServices(world, settings, patch);
  const collect = (message: unknown) => services.callFunction('collect', message) as Promise<CollectResult>;
  const queue =
    scenario.isGathered === true
      ? makeQueue<SceneRef>(world, {
          name: 'arrivals',
          collect,
          onDone: (scene) => rules.onDealtWith(scene, services.inputs),
        })
      : undefined;
  const requests = makeRequestQueues(world, {
    collect,
    onDone: (body) => rules.onRequestDone(body, services.inputs),
    onAnswer: (url, body) => rules.onAnswer(url, body),
  });
  world.requests = requests;
  let events = 0;

  const startExecution = (input: unknown, key?: string) => {
    events += 1;
    const name = `event-${String(events).padStart(3, '0')}`;
    if (key !== undefined) owners.set(services.arnOf(name), key);
    services.start(name, input);
  };
  const sweep = () => startExecution(sweepInput);
  const take = (version: Version) => {
    version.isSeen = true;
    if (queue === undefined) startExecution(eventOf(version), version.scene.key);
    else queue.send(JSON.stringify(messageOf(version)), version.scene);
  };
  const trigger = outside('trigger');
  const deliver = (version: Version): void =>
    void world
      .call(trigger, 'event', () => take(version), { about: () => version.scene.key })
      // A service that is in trouble delivers again; an event whose worker died is lost.
      .catch(() => void schedule.after(between(random.faults, 100, 120_000), () => deliver(version)));
  const operator = outside('operator');
  const { ledger, executions } = makePorts(world, services.port, settings, () => operator, patch?.request);
  const retry = makeRetry({ ledger, executions, now: schedule.now });
  const soon = (go: () => void) => void schedule.after(between(random.schedule, 0, 1500), go);

  /** The newest version of each key, whether it is still there or not. */
  const versions = new Map<string, Version>();
  const putUnseen = (key: string, file: SceneFile) => {
    const version = world.inbox.put(key, file.bytes, schedule.now());
    versions.set(key, version);
    rules.expect(version, file);
    return version;
  };

  /** Whether somebody works for a shadow. */
  function isOfShadow({ execution }: Worker): boolean {
    return execution !== undefined && hasShadowInput(services.inputOf(execution));
  }

  /** What is said twice is one word. */
  const said = new Set<SentTruths>();
  const stage: Stage = {
    soon,
    later: (seconds, go) => void schedule.after(seconds * 1000, go),
    releases: releases?.stage,
    feed: feeds?.stage,
    putUnseen,
    put: (key, file, { isLost = false } = {}) => {
      const version = putUnseen(key, file);
      if (isLost) version.isSeen = true;
      else if (!isBulk(key, settings.bulkPrefix)) soon(() => deliver(version));
    },
    folder: (key) => {
      const version = world.inbox.put(key, new Uint8Array(), schedule.now()); // and nothing is expected of it
      if (!isBulk(key, settings.bulkPrefix)) soon(() => deliver(version));
    },
    mark: (folder) => {
      const version = world.inbox.put(`${folder}_DONE`, new Uint8Array(), schedule.now());
      deliver(version);
    },
    event: (key) => soon(() => deliver(versions.get(key)!)),
    remove: (key) => world.inbox.remove(versions.get(key)!),
    sweep,
    clock: (daysAhead) => {
      schedule.setAhead(daysAhead * DAY_MILLISECONDS);
      schedule.after(between(random.schedule, 0, 30_000), sweep);
    },
    lift: () => {
      isCursing = false;
      world.isModelDown = false;
    },
    request: (sent) => {
      rules.expectRequest(sent);
      soon(() => requests.send(QUEUE_URL, sent.body));
    },
    answered: (sent) => {
      rules.expectAnswered(sent);
      soon(() => requests.send(COUNTS_URL, sent.body));
    },
    truth: (sent) => {
      if (!said.has(sent)) rules.expectTruths(sent);
      said.add(sent);
      soon(() => requests.send(COUNTS_URL, sent.body));
    },
    redrive: () => void requests.redrive(operator).catch(letBe),
    retry: (key) => void retry(runId(versions.get(key)!.scene, MODEL)).catch(letBe),
  };

  world.onCrash(() => {
    faults.count();
    services.loseAll();
    queue?.loseAll();
    schedule.after(5000, () => void restart());
  });
  /** As the embedded stack comes up in a folder where its former life left things. */
  async function restart(): Promise<void> {
    const tables = new TableClient(async (command, input) => world.tables.act(command, input));
    const ledger = makeLedger(tables, LEDGER_TABLE);
    const listVersions = async (prefix: string) => world.results.versions(prefix);
    const removeVersion = async (version: ObjectVersion) => world.results.remove(version);
    await recoverClaims({ ledger, listVersions, removeVersion }, schedule.now());
    requests.comeUp();
    sweep();
  }

  logTo(() => {});
  for (const [table, Item] of LIVED_IN) world.tables.act('PutCommand', { TableName: table, Item });
  if (random.schedule() < SLOW_SHARE && faults.isActive()) schedule.setPace(scenario.slowPace ?? SLOW_PACE);
  for (const step of scenario.happens) step(stage);
  await schedule.idle(new Date(end.getTime() - 1000));
  faults.stop();
  schedule.setPace(20);
  schedule.setAhead(0);
  schedule.advanceTo(end);
  // What a worker has left that woke up in the first of them the second one takes up, and the third one may have to count it.
  const mostSweeps = () => (rules.isAnyWokenLate() ? 3 : 2);
  let sweeps = 0;
  let violations: Violation[];
  do {
    sweeps += 1;
    sweep();
    if (releases?.isWatched() === true) releases.stage.watch();
    feeds?.stage.look();
    const next = new Date(end.getTime() + sweeps * DAY_MILLISECONDS);
    await schedule.idle(next);
    if (requests.letters().length > 0) {
      stage.redrive();
      await schedule.idle(next);
    }
    violations = [...early, ...services.violations, ...(await rules.verify(schedule.now()))];
    await releases?.verify((rule, what) => void violations.push({ rule, what }));
    feeds?.verify((rule, what) => void violations.push({ rule, what }));
    schedule.advanceTo(next);
  } while (violations.length > 0 && violations.every(({ mayWait }) => mayWait) && sweeps < mostSweeps());
  const bug = services.broken();
  if (bug !== undefined) throw bug;
  return {
    violations,
    sites: faults.sites,
    hit: faults.hit,
    injected: faults.injected(),
    calls: schedule.steps(),
    trace: world.trace ?? [],
  };
}

/** What S3 says of an object that was created, as far as anybody asks. */
function eventOf({ scene, bytes }: Version): object {
  const { detail, ...event } = sceneInput(scene);
  return { ...event, detail: { ...detail, object: { ...detail.object, size: bytes.length } } };
}

/** As S3 tells the queue itself; and every other one as EventBridge passes it on, which is so where a stage is being switched over. */
function messageOf(version: Version): object {
  const { scene, bytes } = version;
  return bytes.length % 2 === 0 ? notificationOf(scene, bytes.length) : eventOf(version);
}

function hasShadowInput(input: unknown): boolean {
  return (input as { source?: string } | undefined)?.source === 'swath.shadow';
}

/** Someone outside of the functions, who does not die. */
function outside(role: string): Worker {
  return { role, label: role, execution: undefined, isDead: false, timeoutSeconds: 60, die: () => {}, abort: () => {} };
}

/** A person who is told why it was not tried again, or that the service is in trouble, lets it be: the sweep is there. */
function letBe(_refused: unknown): void {}
