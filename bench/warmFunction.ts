import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import { begin, type Place } from './coldStart.ts';

/** One answer of a warm function: what it took by the clock and of the processor, and the log lines that it wrote. */
export type Invoked = { result: unknown; logBytes: number; logLines: number } & Taken;
type Taken = { milliseconds: number; cpuMilliseconds: number };
type Told = Taken & { loaded: number; result?: unknown; error?: { name: string; message: string } };

/** A packaged function as a process that stays: a container that takes one message after the other. */
export type WarmFunction = {
  /** Milliseconds from its start until its code was there. */
  loaded: number;
  invoke: (message: unknown) => Promise<Invoked>;
  stop: () => void;
};

/** Starts one from its folder, into which `packaged.cjs` has been brought. */
export async function startWarm(handler: string, place: Place): Promise<WarmFunction> {
  const child = begin(['packaged.cjs', handler], place, ['ignore', 'pipe', 'inherit', 'ipc']);
  const kill = () => child.kill();
  process.once('exit', kill);
  let log = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  let answered = Promise.withResolvers<Told>();
  child.on('message', (told: Told) => answered.resolve(told));
  child.on('exit', () => answered.reject(new Error(`The packaged function ${handler} has died.`)));
  const said = async () => {
    const told = await answered.promise;
    answered = Promise.withResolvers();
    answered.promise.catch(() => {}); // it is told to stop while nobody asks it
    return told;
  };
  const { loaded } = await said();
  const turn = pLimit(1); // as a container has it, whatever happens at the same time
  return {
    loaded,
    invoke: (message) =>
      turn(async () => {
        log = '';
        child.send({ message });
        const { error, result, milliseconds, cpuMilliseconds } = await said();
        if (error !== undefined) throw Object.assign(new Error(error.message), { name: error.name });
        await setTimeout(1); // its log comes by another way
        const logLines = log.split('\n').length - 1;
        return { result, milliseconds, cpuMilliseconds, logBytes: Buffer.byteLength(log), logLines };
      }),
    stop: () => {
      process.off('exit', kill);
      child.kill();
    },
  };
}
