import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSwath } from '../swath.ts';

const MODEL = 'droughtwatch-baseline';
const VERSION = '1.0.0';

/** A Swath that has gone through its fifteen days, in a folder of its own, and its console. */
export async function startDemonstration(cwd: string) {
  const running = startSwath(['start'], cwd);
  await running.says(/Ctrl-C stops\.\n/);
  const served = startSwath(['console', '--json'], cwd);
  await served.says(/\}\n/);
  const { url } = JSON.parse(served.output.stdout) as { url: string };
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
    const item = readFileSync(join(from, 'item.json'), 'utf8').replaceAll(VERSION, version);
    writeFileSync(join(to, 'item.json'), item);
    for (const file of ['reference.json', 'README.md']) copyFileSync(join(from, file), join(to, file));
    writeFileSync(join(models, 'promoted.json'), JSON.stringify({ version, promotedAt: new Date().toISOString() }));
    return () => copyFileSync(join(from, 'model.onnx'), join(to, 'model.onnx'));
  }

  async function stopConsole(): Promise<void> {
    served.kill('SIGTERM');
    await served.ended;
  }

  /** Serves the console at the same address again. */
  async function startConsole(): Promise<void> {
    const again = startSwath(['console', '--json', '--port', new URL(url).port], cwd);
    await again.says(/\}\n/);
    stops.push(() => again.kill('SIGKILL'));
  }

  const stops: (() => void)[] = [() => served.kill('SIGKILL'), () => running.kill('SIGKILL')];
  const close = () => {
    for (const stop of stops) stop();
  };
  return { url, drop, promoteIncomplete, stopConsole, startConsole, close };
}
