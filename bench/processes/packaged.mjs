// Lambda's side of one cold invocation, as little as there is to it: run in the folder of an unzipped artifact.
import { readFileSync } from 'node:fs';

const [, , path, message] = process.argv;
const { handler } = await import(path);
const loaded = performance.now();
const end = Date.now() + 60_000;
const told = { loaded };
try {
  told.result = await handler(JSON.parse(message), { getRemainingTimeInMillis: () => end - Date.now() });
} catch (error) {
  told.error = `${error.name}: ${error.message}`;
}
told.rss = process.memoryUsage.rss();
told.mostRss = peak() ?? told.rss;
process.send(told, () => process.exit());

/** Of this process alone: what resourceUsage() tells begins with what its parent had. */
function peak() {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return undefined;
  }
}
