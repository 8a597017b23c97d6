import * as z from 'zod';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { makeStep } from '../../core/base/step.ts';
import { type FollowPorts, makeFollowCandidate } from '../../core/releases/comparison/followCandidate.ts';
import { accessOfStage, openRegistered } from '../../core/releases/origins/mlflow.ts';
import { originText, parseWatched } from '../../core/releases/origins/origin.ts';
import type { HttpGet } from '../../core/releases/origins/packageSource.ts';
import { type WatchPorts, watchAlias } from '../../core/releases/watchAlias.ts';

export type WatchStepPorts = Pick<WatchPorts, 'checkModel' | 'tell' | 'place'> &
  FollowPorts & {
    alias: string;
    trackingUri: string;
    /** The SSM parameter with the registry's credentials, and how to read it; none if the registry needs none. */
    secret: { parameter: string; read: () => Promise<string | undefined> } | null;
    get: HttpGet;
  };

/** A scheduled event, whose fields are not used. */
const eventSchema = z.looseObject({});

/** The function watch: checks which version a registry alias points to, and publishes a new one as a candidate. */
export function watchStep(ports: WatchStepPorts) {
  const { alias, trackingUri, secret, get, modelBucket: bucket, checkModel, tell, place, now } = ports;
  return makeStep('watch', eventSchema, async (_event, _invocation, log) => {
    const origin = parseWatched(alias);
    const open = async () => {
      const where = `the SSM parameter ${secret?.parameter ?? 'that mlflowSecret names'}`;
      const text = secret === null ? '' : await secret.read();
      if (text === undefined)
        throw new InvalidModelPackage(
          `there is no SSM parameter ${secret!.parameter}, which is to hold a token of the registry, or USER:PASSWORD: aws ssm put-parameter --type SecureString --name ${secret!.parameter} --value TOKEN`,
        );
      return openRegistered({ access: accessOfStage(trackingUri, text, where), get }, origin);
    };
    const from = originText(origin);
    const follow = makeFollowCandidate(ports, from);
    const look = await watchAlias({ from, open, bucket, checkModel, follow, tell, place, now });
    const { outcome, candidate, isTold } = look;
    Object.assign(log, { alias, outcome, isTold, model: candidate && `${candidate.name}/${candidate.version}` });
    return { outcome, candidate };
  });
}
