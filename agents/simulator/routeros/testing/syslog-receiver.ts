import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A datagram as a log server got it. */
export interface Heard {
  readonly from: string;
  readonly text: string;
}

const mark = 'nothing else was on its way';

/** A log server on a port of its own. */
export class SyslogReceiver {
  readonly #socket: Socket;
  #heard: Heard[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, { address }) => this.#heard.push({ from: address, text: datagram.toString() }));
  }

  static async start(): Promise<SyslogReceiver> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new SyslogReceiver(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** All that came since it was asked last: datagrams on loopback keep their order, so what was sent before the mark is here before it. */
  async heard(): Promise<readonly Heard[]> {
    // A socket that a device has just opened sends in the next turns of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#socket.send(mark, this.port, '127.0.0.1');
    while (this.#heard.at(-1)?.text !== mark) await once(this.#socket, 'message');
    return this.#heard.splice(0).slice(0, -1);
  }

  async texts(): Promise<readonly string[]> {
    return (await this.heard()).map(({ text }) => text);
  }

  stop(): void {
    this.#socket.close();
  }
}
