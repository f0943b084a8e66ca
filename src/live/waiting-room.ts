/**
 * Connections that have not yet said who they are, by the address they come from. They are few for any one address, so
 * that a stranger who opens more than it can answer for takes nobody's place; a proxy's readers pass through in a moment.
 */
export class WaitingRoom {
  readonly #most: number;
  readonly #addressOf = new Map<object, string>();
  readonly #perAddress = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  isFull(address: string): boolean {
    return (this.#perAddress.get(address) ?? 0) >= this.#most;
  }

  enter(connection: object, address: string): void {
    if (this.#addressOf.has(connection)) return;
    this.#addressOf.set(connection, address);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  /** Because it was admitted, or is gone. */
  leave(connection: object): void {
    const address = this.#addressOf.get(connection);
    if (address === undefined) return;
    this.#addressOf.delete(connection);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
