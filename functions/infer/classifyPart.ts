import { joined, type Values } from '../../core/predictions/column.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import type { PreparedPart } from '../../core/scenes/preparedPart.ts';
import { checkOutputs } from '../../core/tasks/checkOutputs.ts';
import { taskOf } from '../../core/tasks/registry.ts';

/**
 * Classifies a part, batch by batch of the model's; `between` comes before each, and may stop it.
 * @throws {InvalidModelPackage} where the model gives what its task cannot mean
 */
export async function classifyPart(
  { model, batchSize, run }: Session,
  part: PreparedPart,
  between: () => Promise<void>,
): Promise<Values> {
  const task = taskOf(model);
  const batches: Values[] = [];
  for (let first = 0; first < part.chips; first += batchSize) {
    await between();
    const chips = Math.min(batchSize, part.chips - first);
    const outputs = await run(part, first, chips);
    checkOutputs(model, outputs, chips);
    batches.push(task.decode(outputs, chips, model));
  }
  return joined(task.columns(model), batches);
}
