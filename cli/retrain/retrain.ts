import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { tellTopic } from '../../aws/topic.ts';
import type { Service } from '../../console/service.ts';
import { attempt, errorNamed, InvalidModelPackage, insteadOf, onError, orElse } from '../../core/base/errors.ts';
import { type ModelRef, modelId } from '../../core/base/messages.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import { MOST_CHIPS } from '../../core/measures/bands/makeProfile.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { readJson, SAMPLE_FILE } from '../../core/package/packageFile.ts';
import { isProvisional } from '../../core/package/todo.ts';
import { makeFollowCandidate } from '../../core/releases/comparison/followCandidate.ts';
import { counted } from '../../core/releases/comparison/numbers.ts';
import { noneIfUnusable } from '../../core/releases/models.ts';
import { CARD, readPublication } from '../../core/releases/publication.ts';
import { type CheckModel, publishPackage } from '../../core/releases/publishPackage.ts';
import { newTruths, readMemory, refusalOf, writeMemory } from '../../core/releases/retraining.ts';
import { type Notice, watchAlias } from '../../core/releases/watchAlias.ts';
import { makeMatchTruth } from '../../core/tasks/classes.ts';
import { doNotOutlive } from '../../local/stack/doNotOutlive.ts';
import { makeFolder } from '../../local/stack/makeFolder.ts';
import { placeOf } from '../../observability/alarms.ts';
import { CALIBRATION, calibrate, inLines, withSection } from '../models/calibrateModel.ts';
import { writeProfile } from '../models/profileModel.ts';
import { checkModel, checkPackageFolder, filesOf, folderSource, readPackage } from '../models/publishModel.ts';
import { tryModel } from '../models/tryModel.ts';
import { type Where, withService } from '../service/ledger.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { bold, print, printable, showProgress, WrongUse } from '../terminal/output.ts';
import { compareOnHeldOut } from './heldOut.ts';
import * as training from './trainingData.ts';

/** The training has ended with an error, or without a package. */
class TrainingFailed extends errorNamed('TrainingFailed') {}

export const BY_DEFAULT = { since: '365d', heldOut: 0.2, fresh: 100 };

type Choices = { model?: string; since: string; heldOut: number; fresh: number; work: string };
/** What has become of it: see `Outcome` of core/releases/watchAlias.ts; `waits` for more truths. */
type Told = { outcome: string; said: string; model: ModelRef | null };

export type RetrainPorts = Choices & {
  command: readonly string[];
  /** Opens the service for a while: not as long as the training takes. */
  within: <Result>(work: (service: Service) => Promise<Result>) => Promise<Result>;
  tell: (notice: Notice) => Promise<void>;
};

/** `swath retrain -- COMMAND`: trains a model anew with the truths that have come, once. */
export async function retrain(command: string[], options: Choices & Where): Promise<void> {
  const { stage, json } = options;
  const within: RetrainPorts['within'] = (use) => withService(options, use);
  using _interrupt = onInterrupt(async () => {}, 'interrupted. Run the same command again to go on.');
  const topic = process.env['ALARM_TOPIC_ARN']; // of a job in the stage itself; people at a terminal read what is printed
  const tell = topic && stage ? tellTopic(topic, stage) : async () => {};
  const told = await retrainOnce({ ...options, command, tell, within });
  process.exitCode = ['refused', 'held'].includes(told.outcome) ? 2 : 0;
  print(json, { ...told, ...told.model }, () => `${bold(told.outcome)}  ${printable(told.said)}`);
}

/** Trains a model anew, compares it on held-out scenes, publishes and follows it; tells people of what fails. */
export function retrainOnce(ports: RetrainPorts): Promise<Told> {
  return doWhatIsDue(ports).catch(async (error: Error) => {
    const text = `${error.message}\n\nThe live version goes on; the next call tries again.`;
    await ports.tell({ subject: 'A retraining failed', text }).catch(() => {}); // what failed first counts
    throw error;
  });
}

async function doWhatIsDue(ports: RetrainPorts): Promise<Told> {
  const due = await ports.within((service) => lookAround(service, ports));
  if ('outcome' in due) return due;
  const { ref, memory } = due;
  const finish = (version: string | null) =>
    ports.within(({ modelBucket }) => writeMemory(modelBucket, ref.name, { ...memory, version }));
  const made = due.isPublished ? { story: '', refusal: null } : await trainAndPublish(ports, due);
  if (made === null) return { outcome: 'unchanged', said: 'Another call has trained it meanwhile.', model: ref };
  const { story, refusal } = made;
  if (refusal !== null) {
    const text = `${story}\n\n${refusal} It is not published. The same truths are not learned again.`;
    await ports.tell({ subject: `The retrained ${ref.name} ${ref.version} was refused`, text });
    await finish(due.former);
    return { outcome: 'refused', said: `${story} ${refusal}`, model: ref };
  }
  const tell = ({ subject, text }: Notice) => ports.tell({ subject, text: `${story}\n\n${text}`.trimStart() });
  const looked = await ports.within((service) => follow(service, ref, tell));
  await finish(ref.version);
  return { ...looked, said: `${story} ${looked.said}`.trimStart(), model: ref };
}

/** Returns the story, and why the version is refused, if it is; null if another call has published it, or is about to. */
async function trainAndPublish(ports: RetrainPorts, due: Due) {
  const { ref, memory } = due;
  await using folder = await workFolder(resolve(ports.work), ref.name); // the command may run in another one
  const { story, refusal, out, compared } = await trained(ports, due, folder.path);
  const checkCompared: CheckModel = (model, onnx, files) => {
    if (hash('sha256', onnx) === compared) return checkModel(model, onnx, files);
    throw new TrainingFailed(`${out}: changed while it was compared. Have the command wait for all that it starts.`);
  };
  return await ports.within(async ({ models, modelBucket: bucket, now }) => {
    const record = () => readPublication(bucket.read, ref).catch(noneIfUnusable);
    if ((await record())?.isWhole) return null;
    if (refusal !== null) return { story, refusal };
    const live = await models.promotion(ref.name);
    if (live?.version !== due.live.version)
      throw new TrainingFailed(
        `${ref.name} ${live?.version} was promoted while ${ref.version} was trained, and it was compared with ${due.live.version}.`,
      );
    // First, so that the next call looks after the version, whatever becomes of this one.
    await writeMemory(bucket, ref.name, { ...memory, version: ref.version });
    const from = `retrain:${ref.name}`;
    const publishing = publishPackage(folderSource(out), { bucket, checkModel: checkCompared, from, at: now() });
    const invalid = await publishing.catch(onError(InvalidModelPackage, (error) => error));
    if (!(invalid instanceof InvalidModelPackage)) return { story, refusal };
    if ((await record()) === null) throw invalid;
    return null; // a call that trained something else was first
  });
}

type Due = Exclude<Awaited<ReturnType<typeof lookAround>>, Told>;

/** Looks after the version of the last call, and finds whether there is something to learn. */
async function lookAround(service: Service, ports: RetrainPorts) {
  const { models, modelBucket, parameters } = service;
  const name = ports.model ?? parameters.modelName;
  const promoted = await models.promotion(name);
  if (promoted === null) throw new WrongUse(`No version of ${name} is promoted, so there is nothing to train anew.`);
  const live = await models.load(promoted);
  if (live.output.pixels !== null && !training.hasMasks(live))
    throw new WrongUse(
      `${modelId(live)} predicts numbers of pixels, of which no truth is kept: allowed are other models.`,
    );
  const last = await readMemory(modelBucket, name);
  const isWhole = async (version: string) =>
    (await readPublication(modelBucket.read, { name, version }).catch(noneIfUnusable))?.isWhole === true;
  const former = last?.version != null && (await isWhole(last.version)) ? last.version : null;
  const before = former === last?.version ? last : null; // or a call was killed before it had published
  const model = former === null ? null : { name, version: former };
  const told = (outcome: string, said: string): Told => ({ outcome, said, model });
  if (model !== null) {
    const looked = await follow(service, model, ports.tell);
    if (looked.outcome !== 'unchanged' || looked.isFollowed) return told(looked.outcome, looked.said);
  }
  using _line = showProgress(() => 'looking for truths');
  const data = await training.findTrainingData(service, live, { since: ports.since, share: ports.heldOut });
  const { truths } = data;
  const command = hash('sha256', JSON.stringify(ports.command));
  const isSame = before?.command === command;
  const said = `Found ${inWords(data.scenes, data.unknown)}`;
  const waits = (why: string) => told('waits', `${said}. ${why}`);
  if (isSame && before.digest === data.digest) return told('unchanged', `${said}, as at the last training.`);
  if (!data.scenes.some(training.judges) || data.scenes.every(({ isHeldOut }) => isHeldOut))
    return waits(
      'A training needs scenes to train on, and held-out chips that were drawn at random: send the truths of more scenes.',
    );
  if (newTruths(truths, isSame ? before.truths : {}) < ports.fresh)
    return waits(
      `A training needs ${counted(ports.fresh, 'new truth')} (--fresh). Corrected ones are learned with them.`,
    );
  const day = Object.keys(truths).sort().at(-1)!;
  const version = `${day.replaceAll('-', '.')}-${hash('sha256', data.digest + command).slice(0, 8)}`;
  const isPublished = await isWhole(version);
  return { live, former, data, ref: { name, version }, isPublished, memory: { digest: data.digest, command, truths } };
}

function inWords(scenes: readonly training.KnownScene[], unknown: number, unread = 0): string {
  const left =
    (unread > 0 ? `, without ${counted(unread, 'scene')} whose files are gone or cannot be read again` : '') +
    (unknown > 0 ? `, without ${counted(unknown, 'chip')} of classes that the live version does not have` : '');
  const [heldOut, train] = [true, false].map((isOut) =>
    scenes.filter((one) => one.isHeldOut === isOut).reduce((sum, { chips }) => sum + chips.length, 0),
  );
  return `${counted(train!, 'chip')} to train on and ${counted(heldOut!, 'chip')} held out, of ${counted(scenes.length, 'scene')} whose truth is known${left}`;
}

const isAlive = (pid: number): boolean =>
  attempt(
    () => process.kill(pid, 0),
    onError(Error, ({ code }: NodeJS.ErrnoException) => code === 'EPERM'),
  );

/** Makes a folder for this process, and removes those of processes that were killed. */
async function workFolder(work: string, name: string) {
  const noFolder = insteadOf(Error, ({ message }) => new WrongUse(`--work: ${message}. Allowed is a folder.`));
  attempt(() => makeFolder(work), noFolder);
  for (const entry of await readdir(work)) {
    const pid = entry.startsWith(`${name}-`) ? /-(\d+)-\w{6}$/.exec(entry)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(work, entry), { recursive: true, force: true });
  }
  return mkdtempDisposable(join(work, `${name}-${process.pid}-`));
}

/** Trains, and compares what came out with the live version; returns its folder, the story, and why it is refused, if it is. */
async function trained(ports: RetrainPorts, { live, data, ref }: Due, folder: string) {
  const [files, out] = [join(folder, 'data'), join(folder, 'package')];
  const write = (service: Service) => training.writeTrainingData(service, data, live, files);
  const { onnx, former } = await ports.within(async (service) => {
    const read = service.models.fileOf(live);
    await write(service);
    return { onnx: await readArtifact(read, live), former: Object(await readJson(read, 'reference.json')) };
  });
  await train(ports.command, ref, files, out); // which prints what it does
  const failed = insteadOf(InvalidModelPackage, (cause) => new TrainingFailed(cause.message, { cause }));
  const { item, reference, abstain } = await inherit(out, live, former.calibration).catch(failed);
  const candidate = await checkPackageFolder(out).catch(failed);
  const compared = hash('sha256', candidate.onnx);
  if (modelId(candidate.model) !== modelId(ref))
    throw new TrainingFailed(
      `item.json: found ${modelId(candidate.model)}, allowed is ${modelId(ref)}, as SWATH_RETRAIN_MODEL and SWATH_RETRAIN_VERSION say.`,
    );
  await rm(files, { recursive: true, force: true }); // the training may have changed it
  const scenes = await ports.within(write);
  using _line = showProgress(() => 'comparing with the live version');
  const learned = `The data of ${modelId(ref)}: ${inWords(scenes, data.unknown, data.scenes.length - scenes.length)}.`;
  const unlike = difference(candidate.model, live);
  if (unlike !== null) return { out, compared, story: learned, refusal: unlike };
  const comparison = await compareOnHeldOut({ model: live, onnx }, candidate, files, scenes);
  const { accuracy, right } = comparison;
  const both =
    accuracy &&
    ` Held out, ${live.version}, which is live: ${accuracy.first.sentence} ${ref.version}: ${accuracy.second.sentence}`;
  let story = `${learned}${both ?? ''}`;
  const refusal = refusalOf(comparison, live.version);
  if (refusal !== null) return { out, compared, story, refusal };
  return { refusal, compared, ...(await complete()) };

  /** Adds to a package what its held-out part says, where the training did not: accuracy, calibration, profile and card. */
  async function complete() {
    const { model } = candidate;
    const isCalibrated = reference['calibration'] !== undefined;
    const pathIn = (scene: training.KnownScene) => join(files, training.pathOf(scene));
    const isOfPixels = training.hasMasks(model);
    const most = isOfPixels ? MOST_MASKED_CHIPS : MOST_CHIPS;
    const [judging, others] = [scenes.filter(training.judges), scenes.filter(({ isHeldOut }) => !isHeldOut)];
    const heldOut = someOf(judging, most, (one) => one.chips.filter((of) => !of.isSelected).length).map(pathIn);
    const trainedOn = someOf(others, MOST_CHIPS, ({ row }) => row.chips!).map(pathIn); // every done run says how many
    const { properties } = item;
    const { temperature, activation } = model.output;
    const isCopied = !isCalibrated && temperature !== undefined && temperature === live.output.temperature;
    if (isCopied) await rm(join(out, SAMPLE_FILE), { force: true }); // whose probabilities are of that temperature
    if (isCopied)
      properties['mlm:output'][0].post_processing_function = activation && { format: 'swath', expression: activation };
    const isStated = properties['swath:expected_accuracy'] !== undefined;
    if (!isStated && right?.on && right.share > 0)
      Object.assign(properties, { 'swath:expected_accuracy': right.share, 'swath:expected_on': right.on });
    else if (!isStated && right?.on === null)
      story += ' It states no expected accuracy, because a single held-out scene does not show how scenes differ.';
    await writeFile(join(out, 'item.json'), inLines(item));
    const own = new Set(model.source.bands.map(({ name }) => name));
    const profiled = live.profile?.flatMap(({ name }) => (own.has(name) ? [name] : [])) ?? [];
    const bands = profiled.length > 0 ? { bands: profiled } : {};
    if (reference['bands'] === undefined)
      await writeProfile(out, trainedOn, { ...bands, onlyBands: !isProvisional(reference), onlyFirst: true }).catch(
        onError(WrongUse, ({ message }) => {
          story += ` It has no profile of its bands: ${message.replace(`${out}: `, '')}`;
        }),
      );
    const card = await readFile(join(out, CARD), 'utf8').catch(() => `# ${model.name}\n`);
    const left = isCalibrated ? card : withSection(card, CALIBRATION, null); // of what was copied
    await writeFile(join(out, CARD), withSection(left, '## Retraining', story));
    const { sets } = model.task;
    const isWanted = sets === 'chips' || (sets === 'pixels' && live.heldOut?.threshold !== undefined); // otherwise maps would get a band more
    if (!isWanted || isCalibrated) return { out, story };
    const { coverage } = Object(former.calibration);
    const calibrated = { version: model.version, folder: `${out}.calibrated`, abstain, coverage, onlyFirst: true };
    try {
      const whole = { model: (await readPackage(out)).model, files: filesOf(out) };
      const { fitted } = await calibrate(whole, heldOut, join(files, training.TRUTHS), calibrated);
      const how = isOfPixels
        ? `Its prediction sets are from ${fitted.chips} held-out pixels`
        : `Its probabilities are calibrated by a temperature of ${fitted.temperature}`;
      return { out: calibrated.folder, story: `${story} ${how}, for a coverage of ${fitted.coverage}.` };
    } catch (error) {
      if (!(error instanceof WrongUse)) throw error;
      const not = `Its probabilities are not calibrated${abstain ? ', and it abstains from no chip' : ''}`;
      return { out, story: `${story} ${not}: ${error.message.replace(/^--data: /, '')}` };
    }
  }
}

/** Why no truth tells which of two versions is better, if none does. */
function difference(candidate: ModelPackage, live: ModelPackage): string | null {
  const other = `${live.version}, which is live`;
  if (candidate.task !== live.task) return `Its task is ${candidate.task.name}, and of ${other}, ${live.task.name}.`;
  if (!training.cutAlike(candidate, live)) return `It cuts scenes into other chips than ${other}.`;
  const match = makeMatchTruth(live, candidate);
  const lost = live.classes.find(({ value }) => match(value) !== value);
  if (lost === undefined) return null;
  const found = candidate.classes.find(({ name }) => name === lost.name)?.value ?? 'none';
  return `The value of ${lost.name} is ${lost.value} in ${other}, and ${found} in this one: allowed are the classes of the live version, each with its value.`;
}

/**
 * Gives a package what the live one has and the training did not write: the gate, and that it abstains, for which it needs a calibration
 * first. A calibration or an expected accuracy that was copied from the live one is none: they are of other weights.
 */
async function inherit(out: string, live: ModelPackage, calibration: unknown) {
  const [item, reference] = await Promise.all(
    ['item.json', 'reference.json'].map((file) => readJson(filesOf(out), file).then(Object)),
  );
  const { properties = {} } = item;
  const abstain = properties['swath:abstain'] ?? live.abstains;
  if (properties['swath:expected_accuracy'] === live.expectedAccuracy) delete properties['swath:expected_accuracy'];
  properties['swath:gate'] ??= live.gate;
  if (isDeepStrictEqual(properties['swath:expected_on'], live.expectedOn)) delete properties['swath:expected_on'];
  if (isDeepStrictEqual(reference.calibration, calibration)) delete reference.calibration;
  properties['swath:abstain'] = reference.calibration && abstain;
  await writeFile(join(out, 'item.json'), inLines(item));
  await writeFile(join(out, 'reference.json'), inLines(reference));
  return { item, reference, abstain: abstain === true };
}

/** Handles what was published like what an alias of a registry points to. */
function follow(service: Service, ref: ModelRef, tell: RetrainPorts['tell']) {
  const { modelBucket: bucket, models, parameters, now } = service;
  const from = `retrain:${ref.name}`;
  const open = async () => ({ where: from, readFile: models.fileOf(ref) });
  const gated = makeFollowCandidate({ ...service, ...parameters, tryModel }, from);
  return watchAlias({ from, open, bucket, checkModel, follow: gated, tell, place: placeOf(parameters), now });
}

/** Runs the command, which writes a package; what it prints goes to stderr. */
async function train(command: readonly string[], { name, version }: ModelRef, data: string, out: string) {
  await mkdir(out);
  const env = {
    ...process.env,
    SWATH_RETRAIN_DATA: data,
    SWATH_RETRAIN_OUT: out,
    SWATH_RETRAIN_MODEL: name,
    SWATH_RETRAIN_VERSION: version,
  };
  const [program, ...args] = command;
  const shell = args.length === 0; // a single text may have arguments of its own
  const child = spawn(program!, args, { shell, detached: true, stdio: ['ignore', 2, 2], env });
  doNotOutlive(child, true); // all of its group, also what a shell has started
  const cannot = insteadOf(Error, (cause) => new WrongUse(`${program}: cannot be run: ${cause.message}.`, { cause }));
  const [code] = await once(child, 'exit').catch(cannot);
  orElse(false, () => process.kill(-child.pid!, 'SIGKILL')); // of what it leaves behind in its group; mostly there is nothing
  const how = code === null ? 'by a signal' : `with ${code}`;
  if ((await lstat(out).catch(() => null))?.isSymbolicLink())
    throw new TrainingFailed('SWATH_RETRAIN_OUT: found a link, allowed is the folder itself, into which it writes.');
  if (code !== 0) throw new TrainingFailed(`${command.join(' ')}: ended ${how}; what it printed says why.`);
}

/** Of masks, 200 pixels of each chip are taken, and a million in all. */
const MOST_MASKED_CHIPS = 5_000;

/** As many scenes as have at most so many chips, or one that has more. They come by digest, so that the first of them are a choice by chance. */
function someOf<One>(scenes: readonly One[], most: number, chipsOf: (scene: One) => number): One[] {
  let left = most;
  const fitting = scenes.filter((scene) => {
    const after = left - chipsOf(scene);
    left = after < 0 ? left : after;
    return after >= 0;
  });
  return fitting.length > 0 ? fitting : scenes.slice(0, 1);
}
