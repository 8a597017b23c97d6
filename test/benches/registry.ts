import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A version that is registered: where its artifacts lie, and the files there by their names. */
type Registered = { files: ReadonlyMap<string, Uint8Array>; uri?: string };

/**
 * As much of an MLflow server as Swath asks: aliases, versions, and artifacts by its proxy, where a token is asked for if one is
 * named. What it answers is what test/mlflow/registry.ts sees a real one answer.
 */
export async function startRegistry({ token }: { token?: string } = {}) {
  const aliases = new Map<string, string>();
  const versions = new Map<string, Registered>();
  const asked: string[] = [];

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
    asked.push(pathname);
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return send(response, 401, {});
    const [name, version] = [searchParams.get('name'), searchParams.get('version')];
    if (pathname.endsWith('/registered-models/alias')) {
      const found = aliases.get(`${name}@${searchParams.get('alias')}`);
      if (found !== undefined) return send(response, 200, { model_version: { name, version: found } });
      return send(response, 400, { message: `Registered model alias ${searchParams.get('alias')} not found.` });
    }
    if (pathname.endsWith('/model-versions/get-download-uri')) {
      const found = versions.get(`${name}/${version}`);
      if (found === undefined)
        return send(response, 404, { message: `Model Version (name=${name}, version=${version}) not found` });
      return send(response, 200, { artifact_uri: found.uri ?? `mlflow-artifacts:/0/${version}/artifacts/package` });
    }
    const [, run, file] = /\/artifacts\/0\/(\d+)\/artifacts\/package\/(.+)$/.exec(pathname) ?? [];
    const bytes = versions
      .get([...versions.keys()].find((one) => one.endsWith(`/${run}`)) ?? '')
      ?.files.get(file ?? '');
    if (bytes === undefined) return send(response, 404, { message: `No such artifact: '${file}'` });
    response.end(bytes);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Registers a version, and has an alias point to it. */
    register: (name: string, version: string, registered: Registered, alias = 'champion'): void => {
      versions.set(`${name}/${version}`, registered);
      aliases.set(`${name}@${alias}`, version);
    },
    forget: (): void => aliases.clear(),
    close: (): void => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
