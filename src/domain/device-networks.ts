import { BlockList, isIP } from 'node:net';

/** Networks in which devices may be. Whoever says where a device is says where its credentials are sent. */
export class DeviceNetworks {
  /** Null: anywhere. */
  readonly #networks: BlockList | null;

  /** @param networks `10.73.0.0/16`, `fd00:73::/32`, `10.73.0.1`; none of them: devices may be anywhere. Throws a RangeError. */
  constructor(networks: readonly string[] = []) {
    this.#networks = networks.length === 0 ? null : new BlockList();
    for (const network of networks) {
      const [address = '', length, ...more] = network.split('/');
      const family = isIP(address);
      const bits = length === undefined ? (family === 6 ? 128 : 32) : Number(length);
      if (more.length > 0 || family === 0 || !/^\d{1,3}$/.test(length ?? '0') || bits > (family === 6 ? 128 : 32)) {
        throw new RangeError(`${network} is none`);
      }
      this.#networks?.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  holds(address: string): boolean {
    return this.#networks === null || this.#networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}
