import { alertmanager } from './alertmanager.ts';
import type { ChannelKind } from './channel.ts';
import { email } from './email.ts';
import { inbox } from './inbox.ts';
import { smsHttp } from './sms-http.ts';
import { smsRouteros } from './sms-routeros.ts';
import { syslog } from './syslog.ts';
import { telegram } from './telegram.ts';
import { webPush } from './web-push.ts';
import { webhook } from './webhook.ts';
import { whatsapp } from './whatsapp.ts';

/** Every kind of channel there is; a new one is a line here. */
export const channelKinds: readonly ChannelKind[] = [
  inbox,
  whatsapp,
  telegram,
  email,
  webPush,
  smsRouteros,
  smsHttp,
  webhook,
  alertmanager,
  syslog,
];

/** Null for a kind of another release. */
export function kindOf(kind: string): ChannelKind | null {
  return channelKinds.find((each) => each.kind === kind) ?? null;
}

/** Those to which the same message twice is one. */
export const keyedKinds: readonly string[] = channelKinds.filter((each) => each.takesKey).map((each) => each.kind);
