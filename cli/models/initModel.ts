import { existsSync, readFileSync, statSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { filled } from '../../charts/format.ts';
import { MAX_MODEL_BYTES } from '../../core/base/limits.ts';
import { isSafeName, safeNameRule } from '../../core/base/names.ts';
import { withData } from '../../core/inference/onnx/externalData.ts';
import { readGraph } from '../../core/inference/onnx/readGraph.ts';
import { draftPackage, type Example } from '../../core/package/draft.ts';
import type { DraftTask } from '../../core/package/draftTasks.ts';
import { DRAFT_TASKS, isOfText, OTHER_NAMES, obstacleIn, unsupportedTask } from '../../core/package/draftTasks.ts';
import { draftText, type Exported } from '../../core/package/draftText.ts';
import type { GraphTold } from '../../core/package/graph.ts';
import { ROWS_OF_PIXELS } from '../../core/package/notes.ts';
import { readJson, readWithin } from '../../core/package/packageFile.ts';
import { todosIn } from '../../core/package/todo.ts';
import { inPlace } from '../../core/releases/publishPackage.ts';
import { HEAD_BYTES } from '../../core/scenes/formats/format.ts';
import { formatOf } from '../../core/scenes/formats/formats.ts';
import { openSource } from '../../local/buckets/plainFile.ts';
import { checkFile } from '../send/scene.ts';
import { quoted } from '../service/where.ts';
import { bold, print, printable, WrongUse } from '../terminal/output.ts';
import { filesOf } from './publishModel.ts';

type Options = { example?: string; task?: DraftTask; json?: boolean };

/** `swath model init MODEL`: drafts a package in the model's folder, with marks for what only its author knows. */
export async function initModel(path: string, { example, task: named, json }: Options): Promise<void> {
  const task = OTHER_NAMES[named ?? ''] ?? named;
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const onnx = isFolder ? join(path, 'model.onnx') : path;
  checkFile(onnx);
  const folder = dirname(onnx);
  const file = basename(onnx);
  if (!isSafeName(file)) throw new WrongUse(`${onnx}: the model's file needs ${safeNameRule}.`);
  const there = ['item.json', 'reference.json', 'README.md'].filter((name) => existsSync(join(folder, name)));
  if (there.length > 0)
    throw new WrongUse(`${folder} has ${there.join(' and ')} already. Remove it, or copy the model to its own folder.`);
  let data: string | undefined;
  let weights: Uint8Array | undefined;
  const read = await readWithin(filesOf(folder), file, MAX_MODEL_BYTES).catch(inPlace(folder));
  const bytes = withData(file, read, (name) => {
    const beside = join(folder, name);
    const isThere = data === undefined && isSafeName(name) && statSync(beside, { throwIfNoEntry: false })?.isFile();
    if (isThere === true) [data, weights] = [name, readFileSync(beside)];
    return name === data ? weights : undefined;
  });
  const graph = readGraph(file, bytes);
  const unsupported = task === undefined ? unsupportedTask(graph) : undefined;
  if (unsupported !== undefined)
    throw new WrongUse(
      `${onnx}: its task looks like ${unsupported.task} (by ${unsupported.by}), which is not supported. Supported are ${DRAFT_TASKS.join(', ')}: if it is one of these, name it with --task.`,
    );
  const described = example === undefined ? undefined : await describedIn(example);
  const { title, version } = namesIn(onnx);
  const asked = { title, version, file, data, task, example: described, at: (await stat(onnx)).mtime.toISOString() };
  const draft = isOfText(graph) ? draftText(graph, asked, await exportedIn(folder)) : draftPackage(graph, asked);
  const obstacle = obstacleIn(graph, draft.task, draft.output);
  if (obstacle !== undefined) throw new WrongUse(`${onnx}: ${obstacle}`);
  const files = {
    'item.json': `${JSON.stringify(draft.item, null, 2)}\n`,
    'reference.json': `${JSON.stringify(draft.reference, null, 2)}\n`,
    'README.md': modelCard(title, graph),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { flag: 'wx' });
  const left = todosIn(draft.item).length;
  const output = draft.output?.name ?? null;
  const isOfRows = described?.isRaster === true && graph.inputs[0]?.shape?.length === 2;
  const note = isOfRows ? `\nNote: ${ROWS_OF_PIXELS}.` : '';
  const words = () => toldText(folder, graph, draft, left, task === undefined) + note;
  print(json, { folder, task: draft.task, output, bands: draft.chosen ?? null, todos: left }, words);
}

type Draft = ReturnType<typeof draftPackage | typeof draftText>;

function toldText(folder: string, graph: GraphTold, { task, output, chosen }: Draft, left: number, isGuessed: boolean) {
  const names = graph.outputs.map(({ name }) => name);
  const more = names.length > 1 ? ` Of its outputs (${names.join(', ')}), ${output?.name} is used.` : '';
  const bands = chosen ? ` Of the example's bands, ${chosen.join(', ')} are taken.` : '';
  const guess = isGuessed
    ? ` By its output ${output?.name} of ${JSON.stringify(output?.shape)} the task is assumed to be ${task}; --task sets another.${more}`
    : more;
  return printable(
    `${bold('item.json, reference.json and README.md')} are written in ${folder}.${guess}${bands} reference.json is provisional: drift means nothing until model profile has made one. ${left} ${left === 1 ? 'place is' : 'places are'} marked "TODO:", for what only the model's author knows. Then: npx swath model check ${quoted(folder)}`,
  );
}

/** Names a model after its file, or its folder, which may be that of a version: NAME/VERSION/model.onnx, as in a model bucket. */
function namesIn(onnx: string): { title: string; version: string } {
  const folders = dirname(resolve(onnx)).split(sep);
  const last = folders.pop()!;
  const [folder = '', version = '1.0.0'] = /^\d+\.\d+\.\d+/.test(last) ? [folders.pop(), last] : [last];
  const name = basename(onnx).replace(/\.onnx$/i, '');
  return { title: name === 'model' && folder !== '' ? folder : name, version };
}

async function exportedIn(folder: string): Promise<Exported> {
  const isThere = (name: string) => existsSync(join(folder, name));
  if (!isThere('tokenizer.json'))
    throw new WrongUse(
      `${folder}: found no tokenizer.json, which a text model needs. Write it: python -c "from transformers import AutoTokenizer as T; T.from_pretrained('MODEL').save_pretrained('${folder}')"`,
    );
  const json = async (name: string) => (isThere(name) ? readJson(filesOf(folder), name) : undefined);
  return { config: await json('config.json'), tokenizerConfig: await json('tokenizer_config.json') };
}

async function describedIn(path: string): Promise<Example & { isRaster: boolean }> {
  checkFile(path);
  await using source = await openSource(path);
  const { key, size, range } = source;
  const head = await range(0, HEAD_BYTES);
  const { format } = formatOf({ key, size }, head);
  if (format.describe === undefined)
    throw new WrongUse(
      `${path}: a ${format.name} file does not list its bands in order; --example takes a raster, such as a GeoTIFF, or a table in CSV.`,
    );
  const bands = await format.describe({ key, size, head, range });
  // Cameras write these, and hardly any sensor of the earth.
  return { bands, isRaster: format.openRaster !== undefined, isPicture: ['PNG', 'JPEG', 'WebP'].includes(format.name) };
}

function modelCard(title: string, { inputs, outputs, opset, producer }: GraphTold): string {
  const lines = (tensors: GraphTold['inputs']) =>
    tensors.map(({ name, type, shape }) => `- \`${name}\`: ${type} ${JSON.stringify(shape)}`).join('\n');
  const graph = `ONNX, opset ${opset}${producer === '' ? '' : `, made by ${producer}`}`;
  const text = readFileSync(new URL('modelCard.md', import.meta.url), 'utf8');
  return filled(text, { title, graph, inputs: lines(inputs), outputs: lines(outputs) });
}
