import { Type, type Static } from 'typebox';
import { ChannelError, type Channel, type ChannelKind, type OutgoingMessage } from './channel.ts';
import { askHttp, requireSuccess } from './http.ts';
import { smsText } from './sms-text.ts';

const Settings = Type.Object(
  {
    method: Type.Unsafe<'GET' | 'POST'>(Type.Enum(['GET', 'POST'])),
    /** With `{to}`, `{text}`, `{id}` and `{secret}` where the gateway wants them; each is encoded for a URL. */
    url: Type.String({
      pattern: '^https?://',
      maxLength: 2000,
      examples: ['https://sms.example/send?to={to}&text={text}'],
    }),
    /** The same for the body; each is encoded for the content type. */
    body: Type.Optional(Type.String({ maxLength: 4000, examples: ['{"to":"{to}","text":"{text}","ref":"{id}"}'] })),
    contentType: Type.Optional(
      Type.Unsafe<'application/json' | 'application/x-www-form-urlencoded'>(
        Type.Enum(['application/json', 'application/x-www-form-urlencoded']),
      ),
    ),
    /** A header that carries the secret: `Authorization: Bearer {secret}`. */
    header: Type.Optional(
      Type.String({
        maxLength: 400,
        pattern: '^[A-Za-z0-9-]+: [^\\r\\n]*$',
        examples: ['Authorization: Bearer {secret}'],
      }),
    ),
    /** Text of a good answer; when it is missing, the gateway refused. */
    mustContain: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  { secret: Type.Optional(Type.String({ maxLength: 1000 })) },
  { additionalProperties: false },
);
type Settings = Static<typeof Settings>;

/** Text messages by whatever gateway takes an HTTP request. */
export const smsHttp: ChannelKind = {
  kind: 'sms-http',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^\\+?[0-9][0-9 -]{6,20}$', example: '+62 811 000 000' },
  perMinute: 60,
  audience: 'person',
  takesKey: false,
  listens: false,
  leaves: true,
  open: (settings, secrets) => openGateway(settings as Settings, (secrets as Static<typeof Secrets>).secret ?? ''),
};

function openGateway(settings: Settings, secret: string): Channel {
  const server = hostOf(settings.url);
  return {
    send: async (message, signal) => {
      const contentType = settings.contentType ?? 'application/json';
      const values = valuesOf(message, secret);
      const [name = '', value = ''] = splitHeader(settings.header);
      const answer = await askHttp({
        method: settings.method,
        url: filled(settings.url, values, encodeURIComponent),
        signal,
        server,
        headers: {
          ...(settings.body !== undefined && { 'content-type': contentType }),
          ...(name !== '' && { [name]: filled(value, values, (text) => text.replace(/[\r\n]/g, ' ')) }),
        },
        ...(settings.body !== undefined && {
          body: filled(settings.body, values, contentType === 'application/json' ? inJson : encodeURIComponent),
        }),
      });
      requireSuccess(answer, server);
      if (settings.mustContain !== undefined && !answer.body.includes(settings.mustContain)) {
        const message = `${server} did not confirm the message: look at the account there.`;
        throw new ChannelError({ code: 'sending.not-confirmed', arguments: { server }, message }, { permanent: true });
      }
      return { externalId: null };
    },
    close: async () => undefined,
  };
}

function valuesOf(message: OutgoingMessage, secret: string): Readonly<Record<string, string>> {
  return { to: message.address.replace(/[ -]/g, ''), text: smsText(message), id: message.id, secret };
}

/** What stands in braces and is no name of ours stays as it is: JSON has braces of its own. */
function filled(template: string, values: Readonly<Record<string, string>>, encode: (text: string) => string): string {
  return template.replace(/\{(to|text|id|secret)\}/g, (_, name: string) => encode(values[name] ?? ''));
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function splitHeader(header: string | undefined): string[] {
  const colon = header?.indexOf(': ') ?? -1;
  return header === undefined || colon < 0 ? [] : [header.slice(0, colon), header.slice(colon + 2)];
}

function hostOf(url: string): string {
  return /^https?:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(url)?.[1] ?? 'the address';
}
