import type { PackageFacts } from './facts.ts';
import type { ModelItem } from './item.ts';
import type { Check } from './problems.ts';

/** Memory of the largest function, in MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_FUNCTION_MB = 10_240;

/** Returns what runs a model, and on which processor: a function, unless the model does not fit into one or needs a GPU. */
export function runsOn(
  { artifact }: Pick<PackageFacts, 'artifact'>,
  properties: ModelItem['properties'],
  check: Check,
): Pick<PackageFacts, 'runner' | 'device' | 'needsGpu'> {
  const { 'swath:runner': wanted, 'mlm:memory_size': bytes, 'mlm:accelerator': accelerator } = properties;
  const isHere = artifact.format === 'onnx'; // what another server needs, a function does not
  const needsGpu = isHere && accelerator === 'cuda' && properties['mlm:accelerator_constrained'] === true;
  const noGpu = '"batch" for a model that runs on cuda only (mlm:accelerator_constrained), as functions have no GPU';
  check(wanted !== 'function' || !needsGpu, 'properties.swath:runner', wanted, noGpu);
  const onlyWaits = '"function" for a model on another server, for which a job would only wait';
  check(wanted !== 'batch' || isHere, 'properties.swath:runner', wanted, onlyWaits);
  const isLarge = isHere && (bytes ?? 0) > MAX_FUNCTION_MB * 1024 ** 2;
  const runner = wanted ?? (needsGpu || isLarge ? 'batch' : 'function');
  return { runner, device: isHere && runner === 'batch' && accelerator === 'cuda' ? 'cuda' : 'cpu', needsGpu };
}
