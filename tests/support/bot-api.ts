import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A stand-in for Telegram's Bot API, written from its published methods (core.telegram.org/bots/api: sendMessage,
 * getUpdates, answerCallbackQuery, and the errors of "Making requests"): it checks what it is sent as that page says and
 * keeps what a chat would show.
 */
export interface SentMessage {
  readonly message_id: number;
  readonly chat_id: string;
  readonly text: string;
  readonly parse_mode?: string;
  readonly reply_markup?: {
    readonly inline_keyboard: readonly (readonly {
      readonly text: string;
      readonly callback_data?: string;
      readonly url?: string;
    }[])[];
  };
  readonly reply_parameters?: { readonly message_id: number };
}

type Body = Record<string, unknown>;

export class BotApi {
  readonly messages: SentMessage[] = [];
  readonly answers: { readonly id: string; readonly text: string }[] = [];
  /** Chats that pressed Start. */
  readonly chats = new Set<string>();
  /** The next call is answered with this error. */
  failNext: { error_code: number; description: string; parameters?: { retry_after: number } } | null = null;
  readonly token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
  readonly #server: Server;
  #updates: ({ update_id: number } & Body)[] = [];
  #waiting: ServerResponse[] = [];
  #lastUpdate = 0;
  #lastMessage = 100;

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => this.#answer(request.url ?? '', body, response));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A person writes. */
  write(chat: number, words: string, replyTo?: number): void {
    const message = {
      message_id: ++this.#lastMessage,
      date: Math.floor(Date.now() / 1000),
      chat: { id: chat, type: 'private' },
      from: { id: chat, is_bot: false, first_name: 'Andi' },
      text: words,
      ...(replyTo !== undefined && { reply_to_message: { message_id: replyTo, chat: { id: chat } } }),
    };
    this.#push({ message });
  }

  /** A person presses a button of a message. */
  press(chat: number, messageId: number, data: string): void {
    const message = { message_id: messageId, chat: { id: chat, type: 'private' }, date: 1 };
    this.#push({ callback_query: { id: String(++this.#lastMessage), from: { id: chat }, message, data } });
  }

  #push(update: Body): void {
    this.#updates.push({ update_id: ++this.#lastUpdate, ...update });
    for (const response of this.#waiting.splice(0)) this.#ok(response, this.#updates);
  }

  #answer(url: string, body: string, response: ServerResponse): void {
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(url) ?? [];
    if (token !== this.token) return this.#error(response, { error_code: 401, description: 'Unauthorized' });
    const given = (body === '' ? {} : JSON.parse(body)) as Body;
    if (method === 'getUpdates') return this.#getUpdates(given, response);
    if (this.failNext !== null) {
      const failure = this.failNext;
      this.failNext = null;
      return this.#error(response, failure);
    }
    if (method === 'sendMessage') return this.#sendMessage(given, response);
    if (method === 'answerCallbackQuery') {
      this.answers.push({ id: String(given['callback_query_id']), text: String(given['text']) });
      return this.#ok(response, true);
    }
    return this.#error(response, { error_code: 404, description: 'Not Found' });
  }

  #getUpdates({ offset = 0 }: Body, response: ServerResponse): void {
    // An offset confirms everything before it.
    this.#updates = this.#updates.filter(({ update_id: id }) => id >= Number(offset));
    if (this.#updates.length > 0) return this.#ok(response, this.#updates);
    // Another long poll takes the place of one that waits.
    for (const other of this.#waiting.splice(0))
      this.#error(other, { error_code: 409, description: 'Conflict: terminated by other getUpdates request' });
    this.#waiting.push(response);
    response.on('close', () => {
      this.#waiting = this.#waiting.filter((each) => each !== response);
    });
  }

  #sendMessage(given: Body, response: ServerResponse): void {
    const bad = (description: string) =>
      this.#error(response, { error_code: 400, description: `Bad Request: ${description}` });
    const message = given as unknown as SentMessage;
    if (!this.chats.has(String(message.chat_id))) return bad('chat not found');
    if (typeof message.text !== 'string' || message.text === '') return bad('message text is empty');
    if (message.text.length > 4096) return bad('message is too long');
    // Only the tags that are listed; anything else must be escaped.
    if (message.parse_mode === 'HTML' && /<(?!\/?(b|i|u|s|a|code|pre)\b)/.test(message.text))
      return bad("can't parse entities");
    for (const button of message.reply_markup?.inline_keyboard.flat() ?? []) {
      if (Buffer.byteLength(button.callback_data ?? '') > 64) return bad('BUTTON_DATA_INVALID');
    }
    const sent = { ...message, chat_id: String(message.chat_id), message_id: ++this.#lastMessage };
    this.messages.push(sent);
    this.#ok(response, {
      message_id: sent.message_id,
      date: 1,
      chat: { id: Number(message.chat_id), type: 'private' },
      text: message.text,
    });
  }

  #ok(response: ServerResponse, result: unknown): void {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, result }));
  }

  #error(response: ServerResponse, failure: { error_code: number; description: string }): void {
    response
      .writeHead(failure.error_code, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ok: false, ...failure }));
  }
}
