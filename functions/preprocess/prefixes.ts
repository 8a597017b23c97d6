import { createHash } from 'node:crypto';
import { ClaimLost, ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import type { SceneRef } from '../../core/base/messages.ts';
import type { FormerVersion, OpenedScene, OpenScene } from '../../core/base/objectStore.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { Successor, Supersede } from './supersede.ts';

export type Prefixes = ReturnType<typeof makePrefixes>;

type Ports = { openScene: OpenScene; supersede: Supersede };

/** Finds former versions that are prefixes of a file, in one pass: copies that paused, and were taken for complete. */
export function makePrefixes(
  { openScene, supersede }: Ports,
  scene: SceneRef,
  formers: readonly FormerVersion[],
  { size, digest: known }: Pick<OpenedScene, 'size' | 'digest'>,
) {
  const shorter = formers.filter((former) => former.size < size && former.scene.versionId !== scene.versionId);
  const isKnown = known !== undefined && shorter.length === 0;
  const digests = isKnown ? undefined : makePrefixDigests(shorter.map((former) => former.size));

  async function digestOf(former: FormerVersion): Promise<string | undefined> {
    if (former.digest !== undefined) return former.digest;
    try {
      const { chunks } = await openScene(former.scene);
      const hash = createHash('sha256');
      for await (const chunk of chunks) hash.update(chunk);
      return hash.digest('hex');
    } catch (error) {
      if (error instanceof ObjectNotFound) return undefined; // gone, so it is unknown, and can no longer be read
      throw error;
    }
  }

  return {
    update: (chunk: Uint8Array): void => digests?.update(chunk),
    digest: (): string => digests?.digest() ?? known!,
    /**
     * Stops counting former versions that are prefixes of what has been read; `owner` owns the content, if that is
     * known.
     */
    supersede: async (
      { run, model, execution }: Pick<LedgerRow, 'run' | 'model' | 'execution'>,
      owner: Pick<Successor, 'id' | 'digest'> = { id: run },
    ): Promise<void> => {
      for (const former of shorter) {
        const digest = digests?.of(former.size);
        if (digest === undefined || digest !== (await digestOf(former))) continue;
        await supersede({ ...former, digest }, { ...owner, model, execution }).catch(retriedIfTaken);
      }
    },
  };
}

/** The former version's run was changed concurrently: the step is retried. */
function retriedIfTaken(error: unknown): never {
  if (error instanceof ClaimLost) throw new TransientTrouble(error.message, { cause: error });
  throw error;
}

/** Computes the SHA-256 (hexadecimal) of a stream, and of its prefixes of some lengths, in one pass. */
export function makePrefixDigests(lengths: readonly number[]) {
  const hash = createHash('sha256');
  const waiting = [...new Set(lengths)].toSorted((one, other) => one - other);
  const digests = new Map<number, string>();
  let bytes = 0;

  function update(chunk: Uint8Array): void {
    let taken = 0;
    for (let next = waiting[0]; next !== undefined && next <= bytes + chunk.length; next = waiting[0]) {
      hash.update(chunk.subarray(taken, next - bytes));
      taken = next - bytes;
      digests.set(next, hash.copy().digest('hex'));
      waiting.shift();
    }
    hash.update(chunk.subarray(taken));
    bytes += chunk.length;
  }

  return {
    update,
    /** The digest of the whole stream; ends it. */
    digest: () => hash.digest('hex'),
    /** The digest of the first bytes; undefined if that many have not come yet, or were not asked for. */
    of: (length: number): string | undefined => digests.get(length),
  };
}
