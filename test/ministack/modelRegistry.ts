import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startRegistry } from '../benches/registry.ts';
import type { Parameters } from '../deployment.ts';
import { reasonToSkip, startGate, startMlflow } from '../mlflow/mlflowServer.ts';
import type { Account } from '../stage.ts';

/** The registered model, and the alias that the stage watches. */
const MODEL = 'drought';
export const WATCHED = `mlflow:${MODEL}@champion`;
const TOKEN = 't0ken';
const SECRET = '/swath/ministack/mlflow';

/** A model registry that asks for a token, from where packages come to the stage. */
export type ModelRegistry = {
  /** By which the stage looks at it. */
  parameters: Parameters;
  /** What leads the command line to it. */
  environment: Record<string, string>;
  /** Registers a folder as a version, to which the alias points from then on. */
  register: (folder: string, alias: string) => Promise<void>;
  close: () => Promise<void>;
};

/**
 * A real MLflow server behind a gate, where there is one on this machine; else a stand-in that answers as one does. It comes up while the
 * stage is deployed.
 */
export async function startModelRegistry(account: Account): Promise<ModelRegistry> {
  const reason = reasonToSkip();
  if (reason !== false)
    console.log(
      `NOT TESTED here: packages from a real MLflow server, because ${reason}. A stand-in answers as it does.`,
    );
  const server = reason === false ? mlflow() : standIn();
  const gate = await startGate(server.url, TOKEN);
  const ssm = new SSMClient(account);
  await ssm.send(new PutParameterCommand({ Name: SECRET, Type: 'SecureString', Value: TOKEN, Overwrite: true }));
  ssm.destroy();
  return {
    parameters: { modelWatch: WATCHED, mlflowTrackingUri: gate.url, mlflowSecret: SECRET },
    environment: { MLFLOW_TRACKING_URI: gate.url, MLFLOW_TRACKING_TOKEN: TOKEN },
    register: server.register,
    close: async () => {
      gate.close();
      await server.close();
    },
  };
}

type Server = { url: Promise<string> } & Pick<ModelRegistry, 'register' | 'close'>;

function mlflow(): Server {
  const starting = startMlflow();
  starting.catch(() => {}); // whoever asks it hears of it
  return {
    url: starting.then(({ url }) => url),
    register: async (folder, alias) => (await starting).registerByRest(folder, MODEL, alias),
    close: async () => {
      const server = await starting.catch(() => null); // one that has not come up is gone already
      await server?.stop();
      server?.remove();
    },
  };
}

function standIn(): Server {
  const starting = startRegistry();
  let versions = 0;
  return {
    url: starting.then(({ url }) => url),
    register: async (folder, alias) => {
      versions += 1;
      const files = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
      (await starting).register(MODEL, String(versions), { files }, alias);
    },
    close: async () => (await starting).close(),
  };
}
