interface Connection {
  close(discard: boolean): void;
}

/**
 * Connections that have not yet said who they are, by the address they come from. They are few for any one address, so
 * that a stranger who opens more than it can answer for takes nobody's place; a proxy's readers pass through in a moment.
 */
export class WaitingRoom {
  readonly #most: number;
  readonly #addressOf = new Map<Connection, string>();
  readonly #perAddress = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  isFull(address: string): boolean {
    return (this.#perAddress.get(address) ?? 0) >= this.#most;
  }

  enter(connection: Connection, address: string): void {
    if (this.#addressOf.has(connection)) return;
    this.#addressOf.set(connection, address);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  /** Ends the one that waits longest: who says who it is, is through in a moment. False when none waits. */
  showOutOldest(): boolean {
    const oldest = this.#addressOf.keys().next();
    if (oldest.done === true) return false;
    this.leave(oldest.value);
    oldest.value.close(true);
    return true;
  }

  /** Because it was admitted, or is gone. */
  leave(connection: Connection): void {
    const address = this.#addressOf.get(connection);
    if (address === undefined) return;
    this.#addressOf.delete(connection);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
