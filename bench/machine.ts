import { cpus, release, totalmem, type } from 'node:os';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import { canPin, coresHere } from './cores.ts';
import { readOrNothing } from './processTree.ts';

/** What the figures were measured on. */
export type Machine = ReturnType<typeof describeMachine>;

export function describeMachine() {
  const [load = ''] = readOrNothing('/proc/loadavg').split(' ');
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: coresHere().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}, ${process.arch}`,
    node: process.versions.node,
    onnxruntime: onnxruntime.version,
    /** How the processor's clock is governed, where the system says so. */
    governor: readOrNothing('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor').trim() || 'not known',
    virtualised: virtualisation(),
    /** Whether processes can be kept to a core; where not, no figure is of one core. */
    canPin: canPin(),
    /** Processes that wanted to run in the last minute, when it began. */
    load: load === '' ? null : Number(load),
  };
}

/** A processor that runs under a hypervisor says so in its flags. */
function virtualisation(): string {
  const flags = /^flags\s*:(.*)$/m.exec(readOrNothing('/proc/cpuinfo'))?.[1];
  if (flags === undefined) return 'not known';
  if (!/\bhypervisor\b/.test(flags)) return 'no';
  const vendor = readOrNothing('/sys/class/dmi/id/sys_vendor').trim();
  return vendor === '' ? 'yes' : `yes (${vendor})`;
}

export function machineLine({ processor, cores, memoryGiB, system, node, onnxruntime, ...rest }: Machine): string {
  const on = `${cores} core${cores === 1 ? '' : 's'} of ${processor}, ${memoryGiB} GiB, ${system}`;
  const with_ = `Node ${node}, onnxruntime ${onnxruntime}`;
  const load = rest.load === null ? '' : `; load when it began: ${rest.load}`;
  return `${on}; ${with_}; governor ${rest.governor}; virtualised: ${rest.virtualised}${load}`;
}
