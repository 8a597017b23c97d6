// Lambda's side of a packaged function, as little as there is to it: run in the folder of an unzipped artifact. With a
// message among its arguments it answers that one and ends; without, it answers what it is sent, until it is told to stop.
const [, , path, message] = process.argv;
const { handler } = require(path); // as Lambda does
const loaded = performance.now();

if (message !== undefined) {
  void answer(JSON.parse(message)).then((told) => process.send(told, () => process.exit()));
} else {
  process.on('message', async (sent) => process.send(await answer(sent.message)));
  process.send({ loaded });
}

async function answer(asked) {
  const end = Date.now() + 900_000;
  const before = process.cpuUsage();
  const started = performance.now();
  const told = { loaded };
  try {
    told.result = await handler(asked, { getRemainingTimeInMillis: () => end - Date.now() });
  } catch (error) {
    told.error = { name: error.name, message: error.message };
  }
  told.milliseconds = performance.now() - started;
  told.cpuMilliseconds = milliseconds(process.cpuUsage(before));
  told.cpuSinceStart = milliseconds(process.cpuUsage());
  told.rss = process.memoryUsage.rss();
  return told;
}

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}
