/** What a server of ours has counted since it began. */
export type ServerCounts = { cpuSeconds: number; batches: number; batchInputs: number };

/** Null where it says nothing of the kind. */
export async function readServer(url: string, key: string | undefined): Promise<ServerCounts | null> {
  const response = await fetch(new URL('/metrics', url), { headers: key === undefined ? {} : { 'x-api-key': key } });
  const text = await response.text();
  if (!response.ok || !text.includes('process_cpu_seconds_total')) return null;
  return {
    cpuSeconds: sumOf(text, 'process_cpu_seconds_total'),
    batches: sumOf(text, 'swath_batch_inputs_count'),
    batchInputs: sumOf(text, 'swath_batch_inputs_sum'),
  };
}

/** Of all series of a metric. */
function sumOf(text: string, metric: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
