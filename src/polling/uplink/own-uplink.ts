import { readFile } from 'node:fs/promises';
import { connect, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { UplinkSign } from '../../domain/own-uplink.ts';
import { routeOf, type Route } from './routes.ts';

export interface OwnUplinkOptions {
  /** Neighbours that are not watched, `host` or `host:port`: one that answers shows that this machine has its network. */
  readonly neighbours: readonly string[];
  /** No answer for so long is none. The kernel gives an address up after three seconds (ARP). */
  readonly patienceMs?: number;
  readonly readText?: (path: string) => Promise<string>;
}

/** Nothing is sent on the connection; a port that refuses is an answer as good as any. */
const anyPort = 443;

type Answer = 'alive' | 'unreachable' | 'silent';

/**
 * Looks at this machine's own way to the network: the interface and its carrier, the route, whether the first hop
 * answers, and whether a neighbour that nobody watches does. It needs no right that an ordinary process lacks. On systems
 * other than Linux only neighbours tell anything.
 */
export class OwnUplink {
  readonly #options: OwnUplinkOptions;

  constructor(options: OwnUplinkOptions) {
    this.#options = options;
  }

  /** What shows of the way to these addresses, where all of them answered before; never rejects. */
  async look(addresses: readonly string[]): Promise<UplinkSign> {
    const neighbour = this.#firstNeighbour();
    const signs = await Promise.all(addresses.map((address) => this.#wayTo(address)));
    const cut = signs.find(({ kind }) => kind === 'no-carrier' || kind === 'no-route');
    const fine = signs.find(({ kind }) => kind === 'works');
    // With two ways, one of them is enough.
    if (fine !== undefined) return fine;
    // A neighbour on another interface says nothing of one that has no carrier.
    if (cut !== undefined) return cut;
    const by = await neighbour;
    if (by !== null) return { kind: 'works', by };
    return signs.find(({ kind }) => kind === 'first-hop-silent') ?? { kind: 'unclear' };
  }

  async #firstNeighbour(): Promise<string | null> {
    const answers = this.#options.neighbours.map(async (neighbour) => {
      const { host, port } = hostOf(neighbour);
      if ((await this.#ask(host, port)) !== 'alive') throw new Error('no answer');
      return neighbour;
    });
    return Promise.any(answers).catch(() => null);
  }

  async #wayTo(address: string): Promise<UplinkSign> {
    if (isOwn(address)) return { kind: 'works', by: address };
    const route = await this.#routeOf(address);
    if (route === 'unknown') return { kind: 'unclear' };
    if (route === null) return { kind: 'no-route', address };
    if ((await this.#text(`/sys/class/net/${route.interface}/carrier`))?.trim() !== '1') {
      return { kind: 'no-carrier', interface: route.interface };
    }
    const firstHop = route.gateway ?? address;
    // An address of the local link needs to be told on which; its neighbours are not asked.
    const answer = firstHop.startsWith('fe80') ? 'silent' : await this.#ask(firstHop, anyPort);
    if (answer === 'alive') return { kind: 'works', by: firstHop };
    if (answer === 'unreachable') return { kind: 'first-hop-silent', interface: route.interface, address: firstHop };
    return { kind: 'unclear' };
  }

  async #routeOf(address: string): Promise<Route | null | 'unknown'> {
    const [ipv4, ipv6] = await Promise.all([this.#text('/proc/net/route'), this.#text('/proc/net/ipv6_route')]);
    if (ipv4 === null || (ipv6 === null && !isIPv4(address))) return 'unknown';
    return routeOf(address, { ipv4, ipv6: ipv6 ?? '' });
  }

  /** `unreachable`: it is a neighbour by its address, and nobody there has that address. */
  async #ask(host: string, port: number): Promise<Answer> {
    return new Promise((done) => {
      const socket = connect({ host, port });
      const end = (answer: Answer): void => {
        clearTimeout(timer);
        socket.destroy();
        done(answer);
      };
      const timer = setTimeout(() => end('silent'), this.#options.patienceMs ?? 4_000);
      socket.on('connect', () => end('alive'));
      socket.on('error', ({ code }: NodeJS.ErrnoException) => {
        if (code === 'ECONNREFUSED' || code === 'ECONNRESET') end('alive');
        else end(code === 'EHOSTUNREACH' || code === 'ENETUNREACH' ? 'unreachable' : 'silent');
      });
    });
  }

  async #text(path: string): Promise<string | null> {
    const read = this.#options.readText ?? ((file: string) => readFile(file, 'utf8'));
    // The carrier of an interface that is switched off cannot be read.
    return read(path).catch(() => null);
  }
}

/** Packets to it do not leave this machine. */
function isOwn(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address) === true);
}

function hostOf(neighbour: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(neighbour) ?? [];
  // More than one colon and no brackets: an IPv6 address alone.
  if (neighbour.split(':').length > 2 && !neighbour.startsWith('[')) return { host: neighbour, port: anyPort };
  return { host: host ?? neighbour, port: port === undefined ? anyPort : Number(port) };
}
