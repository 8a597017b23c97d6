import { count, counted } from '../../charts/format.ts';
import type { BatchRef, BatchResult } from '../../core/base/messages.ts';
import { dim, printable } from '../terminal/output.ts';

/** Describes a batch of bulk files in one line: their model, and how they ended. */
export function batchLine({ files, day, model }: BatchRef, result: BatchResult): string {
  const of = `${counted(files, 'file')} of ${day} by ${model.name} ${model.version}`;
  return `${dim('bulk')}  ${printable(of)}: ${endsOf(result)}`;
}

export function endsOf({ files: _, leftOut, unsettled: __, ...ends }: BatchResult): string {
  const ended = Object.entries(ends)
    .filter(([, files]) => files > 0)
    .map(([end, files]) => `${count(files)} ${end}`);
  return [...ended, ...(leftOut === 0 ? [] : [`${count(leftOut)} left to others`])].join(', ');
}
