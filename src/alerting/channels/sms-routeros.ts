import { Type, type Static } from 'typebox';
import type { Channel, ChannelKind } from './channel.ts';
import { askHttp, requireSuccess } from './http.ts';
import { smsText } from './sms-text.ts';

const Settings = Type.Object(
  {
    /** Of the router, with its REST service (RouterOS v7). */
    url: Type.String({ format: 'uri', pattern: '^https?://[^/]+/?$', maxLength: 300, examples: ['https://10.73.0.1'] }),
    /** The LTE interface that sends. */
    port: Type.String({ minLength: 1, maxLength: 40, examples: ['lte1'] }),
    user: Type.String({ minLength: 1, maxLength: 100 }),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object({ password: Type.String({ maxLength: 400 }) }, { additionalProperties: false });
type Settings = Static<typeof Settings>;

/** Text messages by the SIM card in a RouterOS LTE modem: reaches people when the internet is cut. */
export const smsRouteros: ChannelKind = {
  kind: 'sms-routeros',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^\\+?[0-9][0-9 -]{6,20}$', example: '+62 811 000 000' },
  // A modem sends one every few seconds.
  perMinute: 10,
  audience: 'person',
  takesKey: false,
  listens: false,
  leaves: true,
  open: (settings, secrets) => openModem(settings as Settings, secrets as Static<typeof Secrets>),
};

function openModem({ url, port, user }: Settings, { password }: Static<typeof Secrets>): Channel {
  const server = new URL(url).host;
  return {
    send: async (message, signal) => {
      const answer = await askHttp({
        method: 'POST',
        url: new URL('/rest/tool/sms/send', url).href,
        signal,
        server,
        headers: {
          authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          port,
          'phone-number': message.address.replace(/[ -]/g, ''),
          message: smsText(message),
        }),
      });
      requireSuccess(answer, server, detailOf);
      return { externalId: null };
    },
    close: async () => undefined,
  };
}

/** RouterOS says what is wrong in `detail`. */
function detailOf(body: string): string {
  try {
    const { detail, message } = JSON.parse(body) as { detail?: unknown; message?: unknown };
    return typeof detail === 'string' ? detail : typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}
