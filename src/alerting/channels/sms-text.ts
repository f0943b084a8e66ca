import type { OutgoingMessage } from './channel.ts';

/** Three parts of a text message, 153 characters each (3GPP TS 23.040); other alphabets leave 67. */
const parts = 3;

/** A message as short text: the title, the first lines that fit, and the page. Only characters of the GSM alphabet. */
export function smsText(message: OutgoingMessage): string {
  const plain = gsmText(`${message.title}\n${message.text}`);
  const link = message.link === null ? '' : `\n${message.link}`;
  const room = parts * 153 - link.length;
  // All of it is ASCII by now: a character is one place.
  return (plain.length <= room ? plain : `${plain.slice(0, room - 3)}...`) + link;
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
