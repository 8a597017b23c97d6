/** Requests of the Open Inference Protocol, of so many chips each as one binary tensor, which ask for probabilities as another. */
export function tensorBodies(chips: readonly Uint8Array[], shape: readonly number[], each: number) {
  const outputs = [{ name: 'probabilities', parameters: { binary_data: true } }];
  const json = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'chips',
          datatype: 'UINT8',
          shape: [each, ...shape],
          parameters: { binary_data_size: each * chips[0]!.length },
        },
      ],
      outputs,
    }),
  );
  const bodies = Array.from({ length: Math.floor(chips.length / each) }, (_, i) =>
    Buffer.concat([json, ...chips.slice(i * each, (i + 1) * each)]),
  );
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': json.length };
  return { bodies, headers };
}
