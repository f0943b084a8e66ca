import type { OutgoingMessage } from './channel.ts';
import { cutTo } from './message-forms.ts';

/** Three parts of a text message, 153 characters each (3GPP TS 23.040); other alphabets leave 67. */
const parts = 3;

/** A message as short text: the title, the first lines that fit, and the page. Only characters of the GSM alphabet. */
export function smsText(message: OutgoingMessage): string {
  const plain = gsmText(`${message.title}\n${message.text}`);
  const link = message.link === null ? '' : `\n${message.link}`;
  return cutTo(plain, parts * 153 - link.length).replace(/…$/, '...') + link;
}

/** Any character that the GSM 7-bit alphabet lacks would more than halve the length of the whole message. */
function gsmText(text: string): string {
  return text
    .replaceAll('–', '-')
    .replaceAll('−', '-')
    .replaceAll('…', '...')
    .normalize('NFKD')
    .replace(/[^\n\x20-\x5a\x61-\x7a_]/g, '?');
}
