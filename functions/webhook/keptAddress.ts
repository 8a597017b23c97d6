import { InvalidWebhook } from '../../core/errors.ts';
import { webhookAddress } from '../../core/webhookAddress.ts';

/** So long a container goes by what it has read: whoever changes the secret waits no longer. */
export const KEPT_MILLISECONDS = 5 * 60_000;

type Ports = {
  /** The name of the SSM parameter that holds the address. */
  parameter: string;
  /** Reads it; undefined where there is none of that name. */
  readSecret: () => Promise<string | undefined>;
  now: () => Date;
};

/** A webhook's address as a container keeps it. What could not be read is read again with the next message. */
export function keepAddress({ parameter, readSecret, now }: Ports) {
  let kept: { address: URL; until: number } | undefined;

  async function readAgain(): Promise<URL> {
    kept = undefined;
    const secret = await readSecret();
    const put = `aws ssm put-parameter --type SecureString --overwrite --name ${parameter} --value ADDRESS`;
    if (secret === undefined)
      throw new InvalidWebhook(
        `There is no SSM parameter ${parameter}, which is to hold the webhook's address: ${put}`,
      );
    const address = webhookAddress(secret);
    if (address === undefined)
      throw new InvalidWebhook(
        `The SSM parameter ${parameter} holds no address of a webhook, which begins with https:// and has no user in it: ${put}`,
      );
    kept = { address, until: now().getTime() + KEPT_MILLISECONDS };
    return address;
  }

  return {
    read: async (): Promise<URL> => (kept !== undefined && now().getTime() < kept.until ? kept.address : readAgain()),
    readAgain,
  };
}
