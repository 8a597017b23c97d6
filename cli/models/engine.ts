import { precise } from '../../core/base/text/numbers.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { Tried } from './modelTrial.ts';

/** Dollars in us-east-1 for Linux on x86, on demand, as published in 2026. */
export const ENGINE_PRICES = {
  lambdaGbSecond: 0.0000166667, // https://aws.amazon.com/lambda/pricing/
  fargateVcpuHour: 0.04048, // https://aws.amazon.com/fargate/pricing/
  fargateGbHour: 0.004445,
  gpuHour: { 'g4dn.xlarge': 0.526, 'g6.xlarge': 0.8048 }, // https://aws.amazon.com/ec2/pricing/on-demand/
} as const;

/** A second of one vCPU: a function has one with 1,769 MB, a job 4 GB with each. */
export const VCPU_SECOND = {
  function: (1769 / 1024) * ENGINE_PRICES.lambdaGbSecond,
  batch: (ENGINE_PRICES.fargateVcpuHour + 4 * ENGINE_PRICES.fargateGbHour) / 3600,
} as const;

/** MB of the process besides the model; infer takes 146 with a small one (docs/performance.md). */
const OWN_MB = 200;

/** Returns what runs a model and what that costs, by the measures of its trial; null if another server runs it. */
export function engineOf({ artifact, runner, device, source, overlap, tensor, text }: ModelPackage, tried: Tried) {
  if (artifact.format !== 'onnx') return null;
  const megabytes = Math.ceil(tried.memory.bytes / 1024 ** 2) + OWN_MB;
  const seconds = 1000 * tried.seconds;
  const dollars = VCPU_SECOND[runner] * seconds;
  const pixels = (source.height - overlap) * (source.width - overlap);
  // How fast a GPU is cannot be measured here; how fast it has to be for its price can.
  const asFast = ENGINE_PRICES.gpuHour['g4dn.xlarge'] / 3600 / (VCPU_SECOND.function * tried.seconds);
  if (device === 'cuda') return { runner, device, megabytes, chipsPerSecondThatPay: asFast };
  const area = tensor.dimensions.includes('height') ? { dollarsPer1000Km2At10m: (dollars * 1e4) / pixels } : {};
  const tokens = text && { tokensPerText: text.maxTokens }; // of longest texts, which ordinary ones are not
  return { runner, device, megabytes, secondsPer1000Chips: seconds, dollarsPer1000Chips: dollars, ...area, ...tokens };
}

export function engineText({ runner, megabytes, ...of }: NonNullable<ReturnType<typeof engineOf>>): string {
  const needs = runner === 'function' ? 'the function infer (inferMemory' : 'a job in a container (batchMemory';
  const where = `It runs in ${needs}: at least about ${precise(megabytes)} MB).`;
  if ('chipsPerSecondThatPay' in of)
    return `${where} Estimate: a GPU costs less than functions from ${precise(of.chipsPerSecondThatPay)} chips a second on (g4dn.xlarge); its own speed is not measured here.`;
  const area = of.dollarsPer1000Km2At10m;
  const map = area === undefined ? '' : `; 1,000 km² at 10 m cost $${precise(area)}`;
  const chips = of.tokensPerText === undefined ? 'chips' : `texts of ${precise(of.tokensPerText)} tokens`;
  return `${where} Estimate, measured on this machine: 1,000 ${chips} take ${precise(of.secondsPer1000Chips)} s of a processor and cost $${precise(of.dollarsPer1000Chips)}${map}.`;
}
