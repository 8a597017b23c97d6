import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSwath } from '../swath.ts';

const MODEL = 'droughtwatch-baseline';
const VERSION = '1.1.0';

/** A Swath that has gone through its fifteen days, in a folder of its own, and the address of its console. */
export async function startDemonstration(cwd: string) {
  const running = startSwath(['start'], cwd);
  await running.says(/Ctrl-C stops\.\n/);
  const url = /^ *console +(http:\/\/[\d.:]+\/)/m.exec(running.output.stdout)?.[1];
  if (url === undefined) throw new Error(`It did not say where its console is:\n${running.output.stdout}`);
  const data = join(cwd, '.swath');
  const models = join(data, 'models', MODEL);

  /** Puts a file into the inbox, whole at once. */
  function drop(name: string, bytes: Uint8Array): void {
    writeFileSync(join(data, '.dropping'), bytes);
    renameSync(join(data, '.dropping'), join(data, 'inbox', name));
  }

  /**
   * Promotes a version whose model has not arrived yet, as when a publication is cut off; answers how to complete it. Runs
   * of that version fail until then.
   */
  function promoteIncomplete(version: string): () => void {
    const [from, to] = [join(models, VERSION), join(models, version)];
    mkdirSync(to);
    const item = readFileSync(join(from, 'item.json'), 'utf8').replace(
      `"version": "${VERSION}"`,
      `"version": "${version}"`,
    );
    writeFileSync(join(to, 'item.json'), item);
    for (const file of ['reference.json', 'README.md']) copyFileSync(join(from, file), join(to, file));
    writeFileSync(join(models, 'promoted.json'), JSON.stringify({ version, promotedAt: new Date().toISOString() }));
    return () => copyFileSync(join(from, 'model.onnx'), join(to, 'model.onnx'));
  }

  /** Classifies a file with a package of this repository, beside the model that is live. */
  async function classify(name: string, bytes: Uint8Array, model: string): Promise<void> {
    const file = join(cwd, name);
    writeFileSync(file, bytes);
    const folder = fileURLToPath(new URL(`../../models/${model}`, import.meta.url));
    const classified = startSwath(['classify', file, '--model', folder], cwd);
    const { code } = await classified.ended;
    if (code !== 0)
      throw new Error(`${name} was not classified:\n${classified.output.stdout}${classified.output.stderr}`);
  }

  /**
   * Publishes a version that takes red for blue and has a gate, and has it and the live one, 1.2.0, classify a real file whose truth is
   * known.
   */
  async function compare(version: string): Promise<void> {
    const candidate = join(cwd, version);
    cpSync(join(models, '1.2.0'), candidate, { recursive: true });
    const item = JSON.parse(readFileSync(join(candidate, 'item.json'), 'utf8'));
    const gate = { max_accuracy_drop: 0.05, min_agreement: 0.9, min_chips: 50 };
    Object.assign(item.properties, { version, 'swath:gate': gate });
    const [{ bands }] = item.properties['mlm:input'];
    [bands[0], bands[2]] = [bands[2], bands[0]];
    writeFileSync(join(candidate, 'item.json'), JSON.stringify(item));
    const file = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));
    const compared = startSwath(['model', 'diff', join(models, '1.2.0'), candidate, '--data', file], cwd);
    const { code } = await compared.ended;
    if (code !== 0)
      throw new Error(`The versions were not compared:\n${compared.output.stdout}${compared.output.stderr}`);
  }

  /** A second console beside it, as `swath console` serves it: at a given port, or at any that is free. */
  async function serveConsole(port?: string) {
    const served = startSwath(['console', '--json', ...(port === undefined ? [] : ['--port', port])], cwd);
    await served.says(/\}\n/);
    const stop = async () => {
      served.kill('SIGTERM');
      await served.ended;
    };
    return { url: (JSON.parse(served.output.stdout) as { url: string }).url, stop };
  }

  async function close(): Promise<void> {
    running.kill('SIGKILL');
    await running.ended;
  }

  return { url, drop, classify, compare, promoteIncomplete, serveConsole, close };
}
