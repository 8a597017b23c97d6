import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startConsole } from '../../console/server.ts';
import type { TestService } from './service.ts';

/** For tests: the console of a test service, and a browser's requests to it. */

type Headers = Record<string, string | undefined>;
export type Answered = { status: number; headers: IncomingHttpHeaders; text: string; bytes: Buffer };

export async function startTestConsole<Test extends Pick<TestService, 'service'>>(test: Test) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const page = tinyPage('document.body.append("up")');
  const console = await startConsole({ service: test.service, port: 0, page, onError, tryModel: async () => {} });
  after(console.close);
  const { host, port, origin } = new URL(console.url);

  /** A request with the headers that the console's own page would send; an undefined one is left out. */
  function ask(method: string, path: string, headers: Headers = {}, body = ''): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>();
    const own: Headers = method === 'GET' ? { host } : { host, origin, 'content-type': 'application/json' };
    request({ host: '127.0.0.1', port, method, path, headers: defined({ ...own, ...headers }) }, async (answer) => {
      const bytes = await readAll(answer);
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: bytes.toString(), bytes });
    })
      .on('error', reject)
      .end(body);
    return promise;
  }

  async function get<Body>(path: string): Promise<Body> {
    const { status, text } = await ask('GET', path);
    if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${text}`);
    return JSON.parse(text) as Body;
  }

  /** The sentence of an answer that refuses, behind its status. */
  async function problem(path: string, method = 'GET'): Promise<string> {
    const { status, text } = await ask(method, path);
    return `${status} ${(JSON.parse(text) as { message: string }).message}`;
  }

  return { ...test, console, host, port, origin, errors, ask, get, problem };
}

/** A folder with a page's sources, which find the project's packages. */
export function tinyPage(main: string, style = 'body { color: green }'): string {
  const folder = mkdtempSync(join(tmpdir(), 'swath-page-'));
  after(() => rmSync(folder, { recursive: true }));
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'), 'junction');
  writeFileSync(join(folder, 'main.tsx'), main);
  writeFileSync(join(folder, 'page.css'), style);
  return folder;
}

function defined(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
