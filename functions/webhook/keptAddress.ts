import { InvalidWebhook } from '../../core/errors.ts';
import { webhookAddress } from '../../core/notifications/webhookAddress.ts';

/** How long a container caches the address: a changed secret takes effect after this. */
export const KEPT_MILLISECONDS = 5 * 60_000;

type Ports = {
  /** The name of the SSM parameter that holds the address. */
  parameter: string;
  /** Reads it; undefined if there is no such parameter. */
  readSecret: () => Promise<string | undefined>;
  now: () => Date;
};

/** Caches a webhook's address in a container. A failed read is not cached. */
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
