import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { ArungError } from '../../domain/errors.ts';
import type { DeviceId } from '../../domain/ids.ts';

/** What one rollout shall do. */
export interface RolloutRequest {
  /** Names or ids of devices, and the version of its intent that each shall be. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Where devices of these are managed afterwards, by the names or ids of `versions`, for moves that the documents do not
   * tell by themselves.
   */
  readonly managementAddresses?: Readonly<Record<string, string>> | undefined;
  readonly batch?: number | undefined;
  /** Seconds between two waves, at least. */
  readonly pauseS?: number | undefined;
  /** Seconds after which a device that was not confirmed goes back by itself. */
  readonly rollbackS?: number | undefined;
  /** A device begins only while planned work covers it, for as long as it may take to go back. */
  readonly onlyInMaintenance?: boolean | undefined;
  /** Why it may go on although it could cut the controller's own path. */
  readonly forcedReason?: string | undefined;
}

/** A version of a request, found. */
export interface NamedVersion {
  readonly id: DeviceId;
  readonly name: string;
  /** As it was asked for. */
  readonly key: string;
  readonly version: string;
  /** The device may differ from it: it is not what was confirmed, or a hand has changed it. */
  readonly differs: boolean;
}

/** Throws `device.bad-address`, and `device.not-found` for one that the rollout does not bring anywhere. */
export function addressesOf(
  versions: readonly NamedVersion[],
  asked: Readonly<Record<string, string>>,
): ReadonlyMap<DeviceId, string> {
  const byKey = new Map(versions.map(({ key, id }) => [key, id]));
  return new Map(
    Object.entries(asked).map(([key, address]) => {
      const id = byKey.get(key);
      if (id === undefined) {
        throw new ArungError('invalid', `${key} is managed elsewhere afterwards, but no version of it is listed.`, {
          code: 'device.not-found',
          arguments: { key },
        });
      }
      if (isIP(address) === 0) {
        throw new ArungError('invalid', `${address} is no IPv4 or IPv6 address.`, {
          code: 'device.bad-address',
          arguments: { value: address },
        });
      }
      return [id, address];
    }),
  );
}

/** Names what a rollout shall do: the same is the same rollout while it goes on. */
export function keyOfVersions(versions: readonly NamedVersion[], addresses: ReadonlyMap<DeviceId, string>): string {
  const lines = versions.map(({ id, version }) => `${id} ${version} ${addresses.get(id) ?? ''}`.trim()).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
