import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiGatewayResult } from '../../aws/apiGateway.ts';
import { STAGE_FUNCTIONS, type StageFunction } from '../../core/base/functions.ts';
import { type SceneRef, sceneInput, sweepInput } from '../../core/base/messages.ts';
import { gatewayEvent } from '../../test/gatewayEvent.ts';
import { PACKAGE } from '../bundledModel.ts';
import { bringIn, type ColdStart, startCold, startEmpty } from '../coldStart.ts';
import { coresHere, idlest, keepThisProcessTo } from '../cores.ts';
import { counted, type Figure, measured } from '../figure.ts';
import { MODEL } from '../memoryPorts.ts';
import { startPackagedService, TEXTS } from '../packagedService.ts';
import { writeSceneFile } from '../sceneFiles.ts';
import type { Suite } from '../suite.ts';

const OF_A_TEXT = 'predict, of a text';
const GOALS: Partial<Record<Timed, number>> = {
  preprocess: 150,
  infer: 250,
  drift: 150,
  predict: 300,
  [OF_A_TEXT]: 500,
};
const CHIPS = 81;
const MB = 1e6;

/** Packaged functions, from the start of a process to its first answer. */
export const cold: Suite = {
  title: 'Cold, packaged: from the start of a process to its first answer, one core',
  onOneCore: false,
  run: async ({ isQuick, folder, tell, note }) => {
    const rounds = isQuick ? 3 : 15;
    const cores = await idlest(coresHere());
    const one = cores.slice(0, 1);
    // The stand-in for AWS is in this process, and must not take turns with what is measured.
    if (cores.length > 1) keepThisProcessTo(cores.slice(1));
    else note('There is one core only: the stand-in for AWS takes turns with what is measured.');
    tell('sls package');
    const service = await startPackagedService(folder, one);
    const inferFolder = service.functions.get('infer')!.folder;
    await bringIn('session', inferFolder);
    const found = Object.fromEntries(TIMED.map((name) => [name, [] as ColdStart[]])) as Found;
    const empty: number[] = [];
    const session: ColdStart[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      tell(`round ${round} of ${rounds}`);
      const nothing = await startEmpty({ cores: one, folder });
      const alone = await startCold('session', [join(PACKAGE, 'model.onnx'), import.meta.filename], {
        cores: one,
        folder: inferFolder,
      });
      const path = join(folder, 'scene');
      writeSceneFile(path, CHIPS, round);
      const answers = await oneOfEach(service.invokeCold, service.drop(`cold-${round}`, readFileSync(path)));
      if (round === 0) continue; // the files are in the system's cache from now on
      empty.push(nothing);
      session.push(alone);
      for (const name of TIMED) found[name].push(answers[name]);
    }
    service.close();
    note(
      `preprocess, infer and drift process a file of ${CHIPS} chips (3.8 MB), the others what there is then: a sweep with nothing new, a report on a day of these files; predict has one chip, or one text of the model spam, with the model that is to be loaded. Each waits for a stand-in for AWS on the same machine, on another core; no network, and files in the system's cache, so that Lambda's own part (to fetch the artifact, to start its environment) is not in it. With less than 1,769 MB a function has less than a core there.`,
    );
    const timesOf = (name: Timed): Figure[] => {
      const most = GOALS[name];
      const alone = (of: (start: ColdStart) => number): Record<string, number[]> =>
        name === 'infer' || name === 'predict' || name === OF_A_TEXT
          ? { 'onnxruntime loaded, and its session made': session.map(of) }
          : {};
      const clock = ({ milliseconds }: ColdStart) => milliseconds;
      const processor = ({ cpuMilliseconds }: ColdStart) => cpuMilliseconds;
      const goal = most === undefined ? undefined : ({ of: 'value', atMost: most } as const);
      const beside = { ...alone(clock), 'node -e 0': empty };
      return [
        measured(name, 'ms', found[name].map(clock), { beside, goal }),
        measured('… of processor time', 'ms', found[name].map(processor), { beside: alone(processor) }),
      ];
    };
    const each = (what: string, unit: string, of: (start: ColdStart) => number) =>
      TIMED.map((name) => measured(`${name}: ${what}`, unit, found[name].map(of)));
    return [
      ...TIMED.flatMap(timesOf),
      ...each('of it until its code is loaded', 'ms', ({ loaded }) => loaded),
      ...each('memory (RSS) with its first answer', 'MB', ({ rss }) => rss / MB),
      ...[...service.functions].flatMap(([name, { zippedBytes, unzippedBytes }]) => [
        counted(`${name}: zipped`, 'MB', zippedBytes / MB, name === 'infer' || name === 'predict' ? 20 : 1),
        counted(`${name}: unzipped`, 'MB', unzippedBytes / MB),
      ]),
    ];
  },
};

/** Those that each file takes, or somebody waits for; mosaic and preprocessCubes are neither. */
const TIMED: readonly Timed[] = [
  ...STAGE_FUNCTIONS.filter((name) => name !== 'mosaic' && name !== 'preprocessCubes'),
  'predict',
  OF_A_TEXT,
  'catalogue',
];
type Called = Exclude<StageFunction, 'mosaic' | 'preprocessCubes'> | 'predict' | 'catalogue';
type Timed = Called | typeof OF_A_TEXT;
type Found = Record<Timed, ColdStart[]>;

/** A file's way through the functions, and then each of the others, every one as a process of its own. */
async function oneOfEach(
  invoke: (name: Called, message: unknown) => Promise<ColdStart>,
  scene: SceneRef,
): Promise<Record<Timed, ColdStart>> {
  const execution = `arn:aws:states:us-east-1:123456789012:execution:swath-dev-pipeline:${scene.key}`;
  const preprocess = await invoke('preprocess', { scene: sceneInput(scene), execution });
  const { status, run } = preprocess.result as { status: string; run: { id: string } };
  if (status !== 'ready') throw new Error(`a cold preprocess answered ${status}`);
  const infer = await invoke('infer', { run, part: 0 });
  const drift = await invoke('drift', { run, parts: [infer.result] });
  const discover = await invoke('discover', { cursor: null, execution: `${execution}-sweep`, input: sweepInput });
  const lost = { ...scene, key: `${scene.key}-lost` };
  const settle = await invoke('settle', {
    input: sceneInput(lost),
    execution: `${execution}-lost`,
    step: 'Preprocess',
    error: { Error: 'States.Timeout' },
  });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString(); // the files have come today
  const report = await invoke('report', { before: tomorrow, judged: [] });
  const ledgerWidget = await invoke('ledgerWidget', { view: 'status' });
  const retry = await invoke('retry', { run: run.id });
  const { input } = JSON.parse(readFileSync(join(PACKAGE, 'sample.json'), 'utf8')) as { input: unknown };
  const asked = { path: { model: MODEL.name }, body: JSON.stringify({ inputs: [input] }) };
  const predict = answered(await invoke('predict', gatewayEvent('POST /v1/models/{model}/predictions', asked)));
  const text = { path: { model: TEXTS.name }, body: JSON.stringify({ inputs: [{ text: 'Win money now!' }] }) };
  const ofText = answered(await invoke('predict', gatewayEvent('POST /v1/models/{model}/predictions', text)));
  const catalogue = answered(await invoke('catalogue', gatewayEvent('GET /v1/models')));
  return {
    preprocess,
    infer,
    drift,
    discover,
    settle,
    report,
    ledgerWidget,
    retry,
    predict,
    [OF_A_TEXT]: ofText,
    catalogue,
  };
}

/** What API Gateway would take for an answer may be one that there is none. */
function answered(start: ColdStart): ColdStart {
  const { statusCode, body } = start.result as ApiGatewayResult;
  if (statusCode !== 200) throw new Error(`a cold function answered ${statusCode}: ${body}`);
  return start;
}
