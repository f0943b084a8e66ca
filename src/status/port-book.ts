/** What a device last said of one of its ports (IF-MIB ifOperStatus, RFC 2863). Times are monotonic milliseconds. */
export interface Port {
  readonly status: 'up' | 'down' | 'other';
  /** When it was last read. */
  readonly at: number;
  /** When this status was first read. */
  readonly since: number;
  /** It was up at least once while we looked: a port that never was may not be the one the inventory means. */
  readonly everUp: boolean;
}

/** The ports at which links end, by interface id. */
export class PortBook {
  readonly #ports = new Map<string, Port>();

  get(interfaceId: string): Port | undefined {
    return this.#ports.get(interfaceId);
  }

  /** Notes a reading and says whether the status changed (the first reading is a change). An older one is no news. */
  observe(interfaceId: string, operStatus: number, readAt: number): boolean {
    const status = statusOf(operStatus);
    const before = this.#ports.get(interfaceId);
    if (before !== undefined && readAt < before.at) return false;
    const changed = before?.status !== status;
    this.#ports.set(interfaceId, {
      status,
      at: readAt,
      since: changed ? readAt : before.since,
      everUp: status === 'up' || before?.everUp === true,
    });
    return changed;
  }

  keepOnly(interfaceIds: { has(id: string): boolean }): void {
    for (const id of this.#ports.keys()) if (!interfaceIds.has(id)) this.#ports.delete(id);
  }
}

/** testing, unknown and dormant (3, 4, 5) say neither. */
function statusOf(operStatus: number): Port['status'] {
  switch (operStatus) {
    case 1:
      return 'up';
    case 2: // down
    case 6: // notPresent
    case 7: // lowerLayerDown
      return 'down';
    default:
      return 'other';
  }
}
