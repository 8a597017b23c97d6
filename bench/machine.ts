import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import { canPin, coresHere } from './cores.ts';

/** What the figures were measured on. */
export type Machine = {
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  onnxruntime: string;
  /** How the processor's clock is governed, where the system says so. */
  governor: string;
  virtualised: string;
  /** Whether processes can be kept to a core; where not, no figure is of one core. */
  canPin: boolean;
  /** Processes that wanted to run in the last minute, when it began. */
  load: number | null;
};

export function describeMachine(): Machine {
  const require = createRequire(import.meta.url);
  const { version } = require('onnxruntime-node/package.json') as { version: string };
  const [load] = readOr('/proc/loadavg', '').split(' ');
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: coresHere().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}, ${process.arch}`,
    node: process.versions.node,
    onnxruntime: version,
    governor: readOr('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'not known'),
    virtualised: virtualisation(),
    canPin: canPin(),
    load: load === undefined || load === '' ? null : Number(load),
  };
}

/** A processor that runs under a hypervisor says so in its flags. */
function virtualisation(): string {
  const flags = /^flags\s*:(.*)$/m.exec(readOr('/proc/cpuinfo', ''))?.[1];
  if (flags === undefined) return 'not known';
  if (!/\bhypervisor\b/.test(flags)) return 'no';
  const vendor = readOr('/sys/class/dmi/id/sys_vendor', '');
  return vendor === '' ? 'yes' : `yes (${vendor})`;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

/** In one line. */
export function machineLine({ processor, cores, memoryGiB, system, node, onnxruntime, ...rest }: Machine): string {
  const on = `${cores} core${cores === 1 ? '' : 's'} of ${processor}, ${memoryGiB} GiB, ${system}`;
  const with_ = `Node ${node}, onnxruntime ${onnxruntime}`;
  const load = rest.load === null ? '' : `; load when it began: ${rest.load}`;
  return `${on}; ${with_}; governor ${rest.governor}; virtualised: ${rest.virtualised}${load}`;
}
