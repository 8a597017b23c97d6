// What a container's engine asks: whether the live model answers its sample as it should.
const isWell = await fetch('http://127.0.0.1:8080/healthz')
  .then(({ ok }) => ok)
  .catch(() => false);
process.exitCode = isWell ? 0 : 1;
