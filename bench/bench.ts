import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startChild } from './child.ts';
import { canPin, coresHere, idlest } from './cores.ts';
import { describeMachine, machineLine } from './machine.ts';
import type { Question } from './processes/runSuite.ts';
import type { SuiteResult } from './suite.ts';
import { SUITE_NAMES, SUITES, type SuiteName } from './suites.ts';
import { asMarkdown, writeTable } from './tables.ts';

/** `npm run bench`: how fast, flat and cheap it is, each figure beside its limit; one suite after the other. */

const HELP = `npm run bench -- [--suite NAME,…] [--quick] [--write]

Measures Swath beside its limits: each figure stands beside what it could be at best, which is measured in the same rounds.

  --suite NAME,…  only these: ${SUITE_NAMES.join(', ')}
  --quick         small files and few rounds: to see that it works, not to believe it
  --write         put the tables into docs/performance.md

What is going on is said on stderr. The machine should have nothing else to do.

Exit code: 0 when it has measured, whatever came of it, 1 when it could not, 2 on wrong use.`;

const { suites, isQuick, write } = readOptions(process.argv.slice(2));
// As `swath` has it: what was compiled once is not compiled again by each process that a suite starts.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'node-compile-cache');
const run = { measuredAt: new Date().toISOString(), machine: describeMachine() };
const cores = coresHere();
if (!canPin())
  console.error(
    `THERE IS NO taskset HERE: nothing can be kept to one core, and each figure is of all ${cores.length} of them.`,
  );
console.log(`${machineLine(run.machine)}\n`);
for (const name of suites) {
  const { onOneCore } = await SUITES[name]();
  const child = await startChild<Question, SuiteResult>('runSuite', {
    cores: onOneCore ? (await idlest(cores)).slice(0, 1) : cores,
  });
  const found = await child.ask({ name, isQuick });
  await child.stop();
  console.log(asMarkdown(found));
  if (write) writeTable(found, run);
}

/** What was asked for; wrong use ends the process with 2, and a wish for help with 0. */
function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        suite: { type: 'string' },
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      console.log(HELP);
      process.exit(0);
    }
    const { write, quick: isQuick } = values;
    if (write && isQuick)
      throw new Error('--write with --quick: found both, allowed is one; quick figures are none to keep.');
    return { suites: suitesOf(values.suite), isQuick, write };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}

function suitesOf(list: string | undefined): SuiteName[] {
  if (list === undefined) return SUITE_NAMES;
  const wanted = list.split(',').map((name) => name.trim());
  const unknown = wanted.filter((name) => !SUITE_NAMES.some((known) => known === name));
  if (unknown.length > 0)
    throw new Error(`--suite: found ${unknown.join(', ') || 'nothing'}, allowed are ${SUITE_NAMES.join(', ')}.`);
  return SUITE_NAMES.filter((name) => wanted.includes(name));
}
