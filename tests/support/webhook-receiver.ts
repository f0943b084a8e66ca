import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

type Answer = number | 'hang' | 'cut';

/** A receiver of calls that records each; `answer` decides what it answers, and when: a status, or `hang` and `cut`. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  answer: (call: ReceivedCall) => Answer | Promise<Answer> = () => 200;
  headers: Record<string, string> = {};
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      // a caller that is killed in the middle of its call has told nothing
      void this.#take(request).then(
        (answer) => {
          if (answer === 'cut') request.socket.destroy();
          else if (answer !== 'hang') response.writeHead(answer, this.headers).end('{}');
          return undefined;
        },
        () => request.socket.destroy(),
      );
    });
  }

  async #take(request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const id = String(request.headers['idempotency-key'] ?? '');
    const call = { id, headers: request.headers, body, at: Date.now() };
    this.calls.push(call);
    return this.answer(call);
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
