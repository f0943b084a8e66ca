import { createHmac, timingSafeEqual } from 'node:crypto';
import { Type, type Static } from 'typebox';
import type { NoticeId } from '../../domain/ids.ts';
import { isId } from '../../domain/ids.ts';
import { actions, type Channel, type ChannelKind, type Inbound, type InboundRequest } from './channel.ts';
import { askHttp, readOrNull, requireSuccess } from './http.ts';
import { cutTo } from './message-forms.ts';

const Settings = Type.Object(
  {
    phoneNumberId: Type.String({ pattern: '^[0-9]{5,30}$', examples: ['106540352242922'] }),
    /** Name of an approved template with two body parameters and quick replies, one for each language. */
    template: Type.Object(
      {
        id: Type.String({ pattern: '^[a-z0-9_]{1,512}$', examples: ['arung_insiden'] }),
        en: Type.String({ pattern: '^[a-z0-9_]{1,512}$', examples: ['arung_incident'] }),
      },
      { additionalProperties: false },
    ),
    /** How many quick replies the template has: 0 to 3. */
    buttons: Type.Integer({ minimum: 0, maximum: 3, default: 3 }),
    apiVersion: Type.String({ pattern: '^v[0-9]{1,3}\\.[0-9]$', default: 'v23.0' }),
    apiRoot: Type.Optional(Type.String({ format: 'uri', pattern: '^https?://', maxLength: 300 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 1000, description: 'Of a system user, without end.' }),
    appSecret: Type.String({ minLength: 1, maxLength: 200, description: 'Signs what Meta tells us.' }),
    verifyToken: Type.String({ minLength: 8, maxLength: 200, description: 'Typed in at Meta for the webhook.' }),
  },
  { additionalProperties: false },
);
type Settings = Static<typeof Settings>;
type Secrets = Static<typeof Secrets>;

/**
 * WhatsApp by Meta's Cloud API. A message that we begin must be an approved template: title and text are its two body
 * parameters, its quick replies carry the action and the notice. Free text goes only as an answer.
 */
export const whatsapp: ChannelKind = {
  kind: 'whatsapp',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^\\+?[1-9][0-9 -]{6,20}$', example: '+62 811 000 000' },
  perMinute: 600,
  audience: 'person',
  answered: true,
  takesKey: false,
  listens: false,
  leaves: true,
  open: (settings, secrets) => openWhatsapp(settings as Settings, secrets as Secrets),
};

const server = 'WhatsApp';

function openWhatsapp(settings: Settings, secrets: Secrets): Channel {
  const root = settings.apiRoot ?? 'https://graph.facebook.com';
  const url = `${root}/${settings.apiVersion}/${settings.phoneNumberId}/messages`;
  const post = async (body: object, signal: AbortSignal) => {
    const answer = await askHttp({
      method: 'POST',
      url,
      signal,
      server,
      headers: { authorization: `Bearer ${secrets.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp', ...body }),
    });
    requireSuccess(answer, server, errorOf);
    return answer.body;
  };
  return {
    send: async (message, signal) => {
      const text = message.link === null ? message.text : `${message.text}\n${message.link}`;
      const buttons = message.actions.slice(0, settings.buttons).map(({ action }, index) => ({
        type: 'button',
        sub_type: 'quick_reply',
        index: String(index),
        parameters: [{ type: 'payload', payload: `${actions.indexOf(action)}:${message.id}` }],
      }));
      const first = message.thread?.externalId ?? null;
      const body = await post(
        {
          to: digits(message.address),
          type: 'template',
          template: {
            name: settings.template[message.language],
            language: { code: message.language },
            components: [
              {
                type: 'body',
                parameters: [parameter(message.title, 200), parameter(text, 800)],
              },
              ...buttons,
            ],
          },
          ...(first === null ? {} : { context: { message_id: first } }),
        },
        signal,
      );
      return { externalId: externalIdOf(body) };
    },
    receive: async (request) => {
      if (request.method === 'GET') return verify(request, secrets.verifyToken);
      if (!isSigned(request, secrets.appSecret)) return { status: 401, body: '', inbound: [] };
      const answer = async (to: string, text: string) => {
        await post({ to, type: 'text', text: { body: cutTo(text, 4_000) } }, AbortSignal.timeout(10_000));
      };
      const inbound = readOrNull(() => inboundOf(request.body, answer));
      return inbound === null ? { status: 400, body: '', inbound: [] } : { status: 200, body: '', inbound };
    },
    close: async () => undefined,
  };
}

/** A template's parameter may hold no line ends, no tabs and no run of more than four spaces. */
function parameter(text: string, maxLength: number) {
  return { type: 'text', text: cutTo(text.replace(/\s*\n\s*/g, ' · ').replace(/\s+/g, ' '), maxLength) };
}

function digits(address: string): string {
  return address.replace(/\D/g, '');
}

function externalIdOf(body: string): string | null {
  const answer = readJson(body) as { messages?: { id?: unknown }[] } | null;
  const id = answer?.messages?.[0]?.id;
  return typeof id === 'string' ? id : null;
}

function errorOf(body: string): string {
  const answer = readJson(body) as { error?: { message?: unknown; code?: unknown } } | null;
  return typeof answer?.error?.message === 'string' ? answer.error.message : '';
}

/** Meta's proof that the address of the webhook is ours. */
function verify({ query }: InboundRequest, token: string) {
  const isOurs = query['hub.mode'] === 'subscribe' && isSame(query['hub.verify_token'] ?? '', token);
  return isOurs
    ? { status: 200 as const, body: (query['hub.challenge'] ?? '').slice(0, 200), inbound: [] }
    : { status: 401 as const, body: '', inbound: [] };
}

function isSigned({ headers, body }: InboundRequest, secret: string): boolean {
  return isSame(
    headers['x-hub-signature-256'] ?? '',
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  );
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

interface Call {
  readonly entry?: readonly {
    readonly changes?: readonly {
      readonly value?: {
        readonly statuses?: readonly {
          readonly id?: string;
          readonly status?: string;
          readonly errors?: readonly { readonly title?: string }[];
        }[];
        readonly messages?: readonly {
          readonly id?: string;
          readonly from?: string;
          readonly button?: { readonly payload?: string };
          readonly text?: { readonly body?: string };
          readonly context?: { readonly id?: string };
        }[];
      };
    }[];
  }[];
}

/** What Meta tells; null when it is no such call at all. */
function inboundOf(body: Buffer, answer: (to: string, text: string) => Promise<void>): Inbound[] | null {
  const call = readJson(body.toString('utf8')) as Call | null;
  if (!Array.isArray(call?.entry)) return null;
  const found: Inbound[] = [];
  const values = call.entry.flatMap((entry) => (Array.isArray(entry?.changes) ? entry.changes : []));
  for (const { value } of values) {
    for (const { id, status, errors } of value?.statuses ?? []) {
      if (typeof id !== 'string') continue;
      if (status !== 'delivered' && status !== 'read' && status !== 'failed') continue;
      const reason = errors?.[0]?.title;
      found.push({ kind: 'receipt', externalId: id, state: status, ...(reason !== undefined && { reason }) });
    }
    for (const { id, from, button, text, context } of value?.messages ?? []) {
      if (typeof id !== 'string' || typeof from !== 'string') continue;
      const reply = (words: string) => answer(from, words);
      const [index = '', noticeId = ''] = (button?.payload ?? '').split(':');
      const action = button === undefined ? undefined : actions[Number(index)];
      if (action !== undefined && isId(noticeId)) {
        found.push({ kind: 'action', address: from, noticeId: noticeId as NoticeId, action, answer: reply });
      } else if (typeof text?.body === 'string') {
        found.push({
          kind: 'text',
          address: from,
          text: text.body.slice(0, 4_000),
          messageId: id,
          answersTo: context?.id ?? null,
          answer: reply,
        });
      }
    }
  }
  return found;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
