/** sysUpTime counts hundredths of a second in 32 bits (RFC 3418): it starts anew after 497 days without any restart. */
const wrapS = 2 ** 32 / 100;
const slackS = 10;

interface Seen {
  readonly uptimeS: number;
  readonly at: number;
}

/** Notices that a device restarted: its uptime is less than it must have been. Times are monotonic milliseconds. */
export class Restarts {
  readonly #seen = new Map<string, Seen>();

  /** True when the device restarted since its last answer. */
  observe(deviceId: string, uptimeS: number, now: number): boolean {
    const before = this.#seen.get(deviceId);
    this.#seen.set(deviceId, { uptimeS, at: now });
    if (before === undefined) return false;
    const expected = before.uptimeS + (now - before.at) / 1000;
    if (uptimeS >= expected - slackS) return false;
    // It ran when it answered last, so it started since; an older uptime is an answer that was long on its way.
    if (uptimeS > (now - before.at) / 1000 + slackS) return false;
    const wrapped = expected >= wrapS - slackS && Math.abs(uptimeS - (expected % wrapS)) < slackS;
    return !wrapped;
  }

  keepOnly(deviceIds: { has(id: string): boolean }): void {
    for (const id of this.#seen.keys()) if (!deviceIds.has(id)) this.#seen.delete(id);
  }
}
