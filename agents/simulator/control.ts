import { request } from 'node:http';
import type { HandRow } from './hand.ts';
import type { ServiceItem, ServiceMode } from './service-host.ts';
import type { LinkItem } from './simulator.ts';

export type { LinkItem } from './simulator.ts';

/** The simulator refused; the message is a sentence for the person who asked, `near` names what may have been meant. */
export class SimulatorRefusal extends Error {
  readonly status: number;
  readonly near: readonly string[];

  constructor(message: string, status: number, near: readonly string[]) {
    super(message);
    this.name = 'SimulatorRefusal';
    this.status = status;
    this.near = near;
  }
}

/** Client of a running simulator, over its control socket. */
export class SimulatorControl {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async links(): Promise<LinkItem[]> {
    const { items } = (await this.#ask('GET', '/links')) as { items: LinkItem[] };
    return items;
  }

  async cut(link: string): Promise<LinkItem> {
    return (await this.#ask('POST', `/links/${encodeURIComponent(link)}/cut`)) as LinkItem;
  }

  async restore(link: string): Promise<LinkItem> {
    return (await this.#ask('POST', `/links/${encodeURIComponent(link)}/restore`)) as LinkItem;
  }

  async reboot(device: string): Promise<void> {
    await this.#ask('POST', `/devices/${encodeURIComponent(device)}/reboot`);
  }

  /** Answers come this many milliseconds late. */
  async slow(device: string, ms: number): Promise<void> {
    await this.#ask('POST', `/devices/${encodeURIComponent(device)}/slow`, { ms });
  }

  /** A command of RouterOS, as somebody gives it who sits at the router; what its menu has then. */
  async hand(device: string, path: string, words: readonly string[]): Promise<readonly HandRow[]> {
    const answer = await this.#ask('POST', `/devices/${encodeURIComponent(device)}/hand`, { path, words });
    return (answer as { items: readonly HandRow[] }).items;
  }

  async garble(device: string): Promise<void> {
    await this.#ask('POST', `/devices/${encodeURIComponent(device)}/garble`);
  }

  /** Ends `slow` and `garble`. */
  async heal(device: string): Promise<void> {
    await this.#ask('POST', `/devices/${encodeURIComponent(device)}/heal`);
  }

  /** Loses this share of SNMP packets, in each direction; of all, or of those that pass one link. */
  async loss(percent: number, link?: string): Promise<void> {
    const path = link === undefined ? '/loss' : `/links/${encodeURIComponent(link)}/loss`;
    await this.#ask('POST', path, { percent });
  }

  /** Switches a feeder of the power company. */
  async power(feeder: string, state: 'on' | 'off'): Promise<void> {
    await this.#ask('POST', `/power/${encodeURIComponent(feeder)}/${state}`);
  }

  /** Breaks, slows or mends an application, by its code. */
  async service(code: string, mode: ServiceMode): Promise<ServiceItem> {
    return (await this.#ask('POST', `/services/${encodeURIComponent(code)}/${mode}`)) as ServiceItem;
  }

  async state(): Promise<Record<string, unknown>> {
    return (await this.#ask('GET', '/state')) as Record<string, unknown>;
  }

  #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.#socketPath, method, path, timeout: 10_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const answer = parse(Buffer.concat(chunks).toString('utf8'));
          if (status < 300) resolve(answer);
          else
            reject(new SimulatorRefusal(String(answer['error'] ?? 'The simulator refused.'), status, namesIn(answer)));
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('it did not answer within 10 s')));
      outgoing.on('error', (cause) =>
        reject(
          new Error(`The simulator does not answer on ${this.#socketPath} (${cause.message}): is the demo running?`, {
            cause,
          }),
        ),
      );
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function namesIn(answer: Record<string, unknown>): string[] {
  const near = answer['near'];
  return Array.isArray(near) ? near.filter((name): name is string => typeof name === 'string') : [];
}
