import { Worker } from 'node:worker_threads';
import { InvalidSceneFile, insteadOf } from '../core/base/errors.ts';
import { Problem } from '../core/doors/online/http.ts';
import type { InputJob, ReadApart } from '../core/doors/online/inputReader.ts';
import type { ModelPackage } from '../core/package/package.ts';
import { EngineLate, EngineLost, startThread, THREAD } from './threads.ts';

/** How long the thread may take for an input: an image of 64 MiB takes three. */
const READ_SECONDS = 20;
/** What a million values of JSON take, and as much again. Bytes of images are not in it. */
const HEAP = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** Reads large inputs on their own thread, one at a time, the smallest first, so that no batch waits. It begins with the first. */
export function startInputReaders(maxImageBytes: number) {
  const { open, stop } = startThread(READ_SECONDS, () => new Worker(THREAD, { resourceLimits: HEAP }));
  const waiting: { job: InputJob; bytes: number; begin: () => void }[] = [];
  let isBusy = false;

  function next(): void {
    isBusy = waiting.length > 0;
    waiting.sort((one, other) => one.bytes - other.bytes);
    waiting.shift()?.begin();
  }

  const inTurn = <Result>(job: InputJob, work: () => Promise<Result>): Promise<Result> =>
    new Promise((resolve, reject) => {
      const begin = () => void work().then(resolve, reject).finally(next);
      waiting.push({ job, bytes: bytesOf(job).length, begin });
      if (!isBusy) next();
    });

  function readApart(model: ModelPackage): ReadApart {
    let opened: ReturnType<typeof open> | undefined;
    return (job, assertWanted) =>
      inTurn(job, async () => {
        assertWanted();
        opened ??= open(model, null);
        // A copy, as the bytes are a piece of the body's; `slice` of a Buffer is none.
        const own = new Uint8Array(bytesOf(job));
        const sent = 'json' in job ? { ...job, json: own } : { ...job, image: own };
        const answer = await opened.work({ job: sent, maxImageBytes }, [own.buffer as ArrayBuffer]).catch(
          insteadOf(Error, (error) => {
            // Of errors between threads, only the name and the message are left.
            if (error.name === 'Problem') return new Problem(400, error.message);
            const isOfThread = error instanceof EngineLost || error instanceof EngineLate;
            return isOfThread ? new InvalidSceneFile(`${job.where}: it could not be read: ${error.message}`) : error;
          }),
        );
        if (!('read' in answer)) throw new Error('A thread that reads inputs has run a model.');
        const { chip, ...about } = answer.read;
        return { ...about, chip: typeof chip === 'string' ? new InvalidSceneFile(chip) : chip };
      });
  }

  return { readApart, stop };
}

const bytesOf = (job: InputJob): Uint8Array => ('json' in job ? job.json : job.image);
