import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Statlog model as one of several labels: those of a probability of 0.2 or more, which a sigmoid makes 0.55. */
export function withLabels(folder: string): void {
  const path = join(folder, 'item.json');
  const item = JSON.parse(readFileSync(path, 'utf8'));
  item.properties['mlm:output'][0].post_processing_function = { format: 'swath', expression: 'sigmoid' };
  Object.assign(item.properties, { 'swath:thresholds': 0.55, 'swath:expected_accuracy': 0.95 });
  delete item.properties['swath:held_out'];
  writeFileSync(path, JSON.stringify(item));
  const { classes } = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as {
    classes: Record<string, number>;
  };
  const chips = Object.values(classes).reduce((all, one) => all + one, 0);
  writeFileSync(join(folder, 'reference.json'), JSON.stringify({ chips, classes }));
  rmSync(join(folder, 'sample.json'));
}
