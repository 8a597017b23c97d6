import type { BenchResult } from './benchResult.ts';
import { startChild } from './child.ts';
import { canPin, coresHere, idlest } from './cores.ts';
import { writeTables } from './document.ts';
import { describeMachine, machineLine } from './machine.ts';
import type { Options } from './options.ts';
import type { Question } from './processes/runSuite.ts';
import type { SuiteResult } from './suite.ts';
import { SUITES } from './suites.ts';
import { asText } from './tables.ts';

/** Runs the suites that were asked for, one after the other, and tells what they found. */
export async function runBench({ suites, isQuick, json, write }: Options): Promise<void> {
  const machine = describeMachine();
  const cores = coresHere();
  if (!canPin())
    console.error(
      `THERE IS NO taskset HERE: nothing can be kept to one core, and each figure is of all ${cores.length} of them.`,
    );
  const result: BenchResult = { measuredAt: new Date().toISOString(), isQuick, machine, suites: [] };
  if (!json) console.log(`${machineLine(machine)}\n`);
  for (const name of suites) {
    const { onOneCore } = await SUITES[name]();
    const child = await startChild<Question, SuiteResult>('runSuite', {
      cores: onOneCore ? (await idlest(cores)).slice(0, 1) : cores,
    });
    const found = await child.ask({ name, isQuick });
    await child.stop();
    result.suites.push(found);
    if (!json) console.log(asText(found));
  }
  if (json) console.log(JSON.stringify(result));
  if (write) writeTables(result);
}
