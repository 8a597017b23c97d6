// The container's health check: whether the live model predicts its sample as stored.
const isWell = await fetch(`http://127.0.0.1:${process.argv[2] ?? 8080}/healthz`)
  .then(({ ok }) => ok)
  .catch(() => false);
process.exitCode = isWell ? 0 : 1;
