import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tellTopic } from '../../aws/topic.ts';
import type { Service } from '../../console/service.ts';
import { errorNamed, onError } from '../../core/base/errors.ts';
import type { ModelRef } from '../../core/base/messages.ts';
import { modelId } from '../../core/base/run.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { readArtifact } from '../../core/inference/artifact.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { readJson } from '../../core/package/packageFile.ts';
import { makeFollowCandidate } from '../../core/releases/comparison/followCandidate.ts';
import { counted } from '../../core/releases/comparison/numbers.ts';
import { CARD } from '../../core/releases/publication.ts';
import { readMemory, refusalOf, writeMemory } from '../../core/releases/retraining.ts';
import { type Notice, watchAlias } from '../../core/releases/watchAlias.ts';
import { calibrate } from '../models/calibrateModel.ts';
import { writeProfile } from '../models/profileModel.ts';
import { checkModel, checkPackageFolder, filesOf, folderSource, readPackage } from '../models/publishModel.ts';
import { inLines } from '../models/sampleOfModel.ts';
import { tryModel } from '../models/tryModel.ts';
import { withService } from '../service/ledger.ts';
import type { Where } from '../service/where.ts';
import { WrongUse } from '../terminal/failure.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { showProgress } from '../terminal/progress.ts';
import { bold, printable } from '../terminal/text.ts';
import { compareOnHeldOut } from './heldOut.ts';
import { findTrainingData, pathOf, TRUTHS, type TrainingData, writeTrainingData } from './trainingData.ts';

/** The training has ended with an error, or without a package. */
class TrainingFailed extends errorNamed('TrainingFailed') {}

/** What the options of `swath retrain` are if nobody names others. */
export const BY_DEFAULT = { since: '365d', heldOut: 0.2, atLeast: 100, fresh: 0 };

type Choices = { model?: string; since: string; heldOut: number; atLeast: number; fresh: number; work: string };
/** What has become of it: see `Outcome` of core/releases/watchAlias.ts; `waits` for more truths. */
type Told = { outcome: string; said: string; model: ModelRef | null };

export type RetrainPorts = Choices & {
  command: readonly string[];
  /** Opens the service for a while: not as long as the training takes. */
  within: <Result>(work: (service: Service) => Promise<Result>) => Promise<Result>;
  tell: (notice: Notice) => Promise<void>;
  where: Where;
};

const EXIT_CODES: Record<string, number> = { refused: 2, held: 2 };

/** `swath retrain -- COMMAND`: trains a model anew with the truths that have come, once. */
export async function retrain(
  command: string[],
  { model, since, heldOut, atLeast, fresh, work, ...where }: Choices & Where,
): Promise<void> {
  const { stage } = where;
  let open: Service | undefined;
  const within: RetrainPorts['within'] = (use) =>
    withService(where, (service) => {
      open = service;
      return use(service).finally(() => {
        open = undefined;
      });
    });
  using _interrupt = onInterrupt(async () => open?.close(), 'interrupted. Run the same command again to go on.');
  const choices = { since, heldOut, atLeast, fresh, work, ...(model !== undefined && { model }) };
  const topic = process.env['ALARM_TOPIC_ARN']; // of a job in the stage itself; people at a terminal read what is printed
  const tell = topic && stage ? tellTopic(topic, stage) : async () => {};
  const told = await retrainOnce({ ...choices, command, tell, where, within });
  process.exitCode = EXIT_CODES[told.outcome] ?? 0;
  if (where.json === true) console.log(jsonLine({ ...told, ...told.model }));
  else console.log(`${bold(told.outcome)}  ${printable(told.said)}`);
}

/**
 * Trains a model anew with the truths that have come since the last time. What comes of it is compared with the live version on scenes
 * that were held out, published, and followed like a version of a registry. Each step that was done before is not repeated, so a call
 * that was killed is made again.
 */
export async function retrainOnce(ports: RetrainPorts): Promise<Told> {
  const { within, command, atLeast, heldOut: share, since } = ports;
  let doing = 'looking for truths';
  let endLine = showProgress(() => doing);
  const begun = await within(async (service) => {
    const name = ports.model ?? service.parameters.modelName;
    const promoted = await service.models.promotion(name);
    if (promoted === null) throw new WrongUse(`No version of ${name} is promoted, so there is nothing to train anew.`);
    const live = await service.models.load(promoted);
    if (live.output.pixels !== null)
      throw new WrongUse(
        `${modelId(live)} predicts pixels: allowed are models that predict chips, whose truths the ledger keeps.`,
      );
    const memory = await readMemory(service.modelBucket, name);
    const former = memory?.version ? { name, version: memory.version } : null;
    if (former !== null) {
      const looked = await follow(service, former, ports);
      const isUnderWay = (await service.models.shadow(name))?.by === originOf(name);
      if (looked.outcome !== 'unchanged' || isUnderWay) return { told: { ...looked, model: former } };
    }
    const data = await findTrainingData(service, live, { since, share });
    const digest = hash('sha256', JSON.stringify([data.digest, command]));
    const { train, heldOut } = data.chips;
    const said = `${counted(train, 'chip')} to train on and ${counted(heldOut, 'chip')} held out, of ${counted(data.scenes.length, 'scene')} whose truth is known`;
    const waits = (why: string): { told: Told } => ({
      told: { outcome: 'waits', said: `Found ${said}. ${why}`, model: null },
    });
    if (memory?.digest === digest)
      return { told: { outcome: 'unchanged', said: `Found ${said}, as at the last training.`, model: former } };
    if (train + heldOut < atLeast) return waits(`A training needs ${counted(atLeast, 'chip')} (--at-least).`);
    if (train === 0 || heldOut === 0)
      return waits('A training needs scenes of both kinds: send the truths of more scenes.');
    if (train + heldOut < (memory?.truths ?? 0) + ports.fresh)
      return waits(`The next training needs ${counted(ports.fresh, 'new truth')} (--fresh).`);
    const ref = { name, version: `${data.day.replaceAll('-', '.')}-${digest.slice(0, 8)}` };
    const work = resolve(ports.work, name); // the command may run in another folder
    const folders = { data: join(work, digest.slice(0, 16)), out: join(work, ref.version) };
    const isThere = (await service.listVersions(name)).includes(ref.version);
    if (!isThere)
      await writeTrainingData(
        service,
        data,
        live,
        folders.data,
        (done) => (doing = `copying scenes: ${done} of ${data.scenes.length}`),
      );
    const onnx = isThere ? new Uint8Array() : await readArtifact(service.models.fileOf(live), live);
    return {
      live: { model: live, onnx },
      data,
      said,
      ref,
      folders,
      isThere,
      memory: { digest, truths: train + heldOut },
    };
  });
  endLine();
  if ('told' in begun) return begun.told;
  const { live, data, said, ref, folders, memory } = begun;
  const finish = (version: string | null) =>
    within(async ({ modelBucket }) => {
      await writeMemory(modelBucket, ref.name, { ...memory, version });
      for (const folder of Object.values(folders)) await rm(folder, { recursive: true, force: true });
    });
  let story = `The data of ${modelId(ref)}: ${said}.`;
  if (!begun.isThere) {
    await train(ports, ref, folders).catch(async (error) => {
      const text = `${error.message}\n\n${story} ${live.model.version} goes on; the next call trains again.`;
      await ports.tell({ subject: `The training of ${ref.name} failed`, text });
      throw error;
    });
    doing = 'comparing with the live version';
    endLine = showProgress(() => doing);
    const candidate = await readPackage(folders.out);
    const compared = await compareOnHeldOut(live, candidate, folders.data, data.scenes);
    const refusal = refusalOf(compared, live.model.version);
    endLine();
    const { accuracy } = compared.comparison;
    if (accuracy !== null)
      story = `${story} Held out, ${live.model.version}, which is live: ${accuracy.first.sentence} ${ref.version}: ${accuracy.second.sentence}`;
    if (refusal !== null) {
      const text = `${story}\n\n${refusal} It is not published; ${live.model.version} goes on. The same truths are not learned again.`;
      await ports.tell({ subject: `The retrained ${ref.name} ${ref.version} was refused`, text });
      await finish(null);
      return { outcome: 'refused', said: `${story} ${refusal}`, model: ref };
    }
    story = await complete(folders, candidate.model, data, { story, right: accuracy?.second.figure.value ?? null });
  }
  const tell = ({ subject, text }: Notice) => ports.tell({ subject, text: `${story}\n\n${text}` });
  const looked = await within((service) =>
    follow(service, ref, { ...ports, tell }, begun.isThere ? undefined : folders.out),
  );
  if (looked.outcome === 'refused') throw new TrainingFailed(looked.said);
  await finish(ref.version);
  return { ...looked, said: `${story} ${looked.said}`, model: ref };
}

const HEADING = '## Retraining';

const originOf = (name: string) => `retrain:${name}`;

/** Publishes what was trained, if it is not, and handles it like what an alias of a registry points to. */
function follow(
  service: Service,
  ref: ModelRef,
  { tell, where }: Pick<RetrainPorts, 'tell' | 'where'>,
  folder?: string,
) {
  const { modelBucket: bucket, models, parameters, now } = service;
  const from = originOf(ref.name);
  const source = folder === undefined ? { where: from, readFile: models.fileOf(ref) } : folderSource(folder);
  const following = makeFollowCandidate({ ...service, ...parameters, tryModel }, from);
  return watchAlias({
    from,
    open: async () => source,
    bucket,
    checkModel,
    follow: following,
    tell,
    stage: where.stage ?? null,
    now,
  });
}

/** Runs the command, which writes a package; what it prints goes to stderr. A package that is there from before is taken. */
async function train(
  { command }: RetrainPorts,
  { name, version }: ModelRef,
  { data, out }: { data: string; out: string },
): Promise<void> {
  if (!existsSync(out)) {
    const unfinished = `${out}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const told = {
      SWATH_RETRAIN_DATA: data,
      SWATH_RETRAIN_OUT: unfinished,
      SWATH_RETRAIN_MODEL: name,
      SWATH_RETRAIN_VERSION: version,
    };
    const [program, ...args] = command;
    const shell = args.length === 0; // a single text may have arguments of its own
    const child = spawn(program!, args, { shell, stdio: ['ignore', 2, 2], env: { ...process.env, ...told } });
    const kill = () => void child.kill();
    process.once('exit', kill);
    const [code, error] = await new Promise<[number | null, Error?]>((resolve) => {
      child.once('error', (cause) => resolve([null, cause]));
      child.once('exit', (exit) => resolve([exit]));
    });
    process.off('exit', kill);
    if (error !== undefined) throw new WrongUse(`${program}: cannot be run: ${error.message}.`, { cause: error });
    if (code !== 0)
      throw new TrainingFailed(
        `${command.join(' ')}: ended ${code === null ? 'by a signal' : `with ${code}`}; what it printed says why.`,
      );
    await rename(unfinished, out);
  }
  const { model } = await checkPackageFolder(out);
  if (model.name === name && model.version === version) return;
  await rm(out, { recursive: true });
  throw new TrainingFailed(
    `${out}/item.json: found ${modelId(model)}, allowed is ${name}/${version}, as SWATH_RETRAIN_MODEL and SWATH_RETRAIN_VERSION say.`,
  );
}

/** Adds to a package what its held-out part says, where the training did not: accuracy, calibration, profile and card. */
async function complete(
  folders: { data: string; out: string },
  model: ModelPackage,
  { scenes }: TrainingData,
  about: { story: string; right: number | null },
): Promise<string> {
  const { data, out } = folders;
  const [heldOut, trained] = [true, false].map((isOut) =>
    scenes.filter((one) => one.isHeldOut === isOut).map((one) => join(data, pathOf(one))),
  );
  const read = (file: string) =>
    readJson(filesOf(out), file) as Promise<{ [field: string]: unknown; properties: { [field: string]: unknown } }>;
  const item = await read('item.json');
  if (about.right !== null && model.classes.length > 0 && about.right > 0)
    item.properties['swath:expected_accuracy'] ??= about.right;
  await writeFile(join(out, 'item.json'), `${inLines(item)}\n`);
  const reference = await read('reference.json');
  // Of more bands than a profile holds, or without variance, none is made.
  if (reference['bands'] === undefined) await writeProfile(out, trained!).catch(onError(WrongUse, () => {}));
  const card = await readFile(join(out, CARD), 'utf8').catch(() => `# ${model.name}\n`);
  const [before] = card.split(`\n${HEADING}\n`); // without that of an interrupted call
  await writeFile(join(out, CARD), `${before!.trimEnd()}\n\n${HEADING}\n\n${about.story}\n`);
  if (model.task.sets !== 'chips' || reference['calibration'] !== undefined) return about.story;
  const calibrated = `${out}.calibrated`;
  await rm(calibrated, { recursive: true, force: true });
  try {
    const { fitted } = await calibrate(
      { model: (await readPackage(out)).model, files: filesOf(out) },
      heldOut!,
      join(data, TRUTHS),
      { version: model.version, folder: calibrated },
    );
    await rm(out, { recursive: true });
    await rename(calibrated, out);
    return `${about.story} Its probabilities are calibrated by a temperature of ${fitted.temperature}.`;
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    return `${about.story} Its probabilities are not calibrated: ${error.message.replace(/^--data: /, '')}`;
  }
}
