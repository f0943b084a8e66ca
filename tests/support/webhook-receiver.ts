import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedCall {
  readonly id: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

/** A receiver of calls that records each; `answer` decides what it answers: a status, or `hang` and `cut`. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  answer: (call: ReceivedCall) => number | 'hang' | 'cut' = () => 200;
  headers: Record<string, string> = {};
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const id = String(request.headers['idempotency-key'] ?? '');
        const call = { id, headers: request.headers, body, at: Date.now() };
        this.calls.push(call);
        const answer = this.answer(call);
        if (answer === 'cut') request.socket.destroy();
        else if (answer !== 'hang') response.writeHead(answer, this.headers).end('{}');
        return undefined;
      });
    });
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
