import { languages } from '../words/words.ts';
import type { OutgoingMessage } from './channel.ts';

/** The forms that several channels share. Text of devices and people is text in each of them. */

/** Plain text: the title, the lines, the links. */
export function messagePlain(message: OutgoingMessage): string {
  const { openPage, openMap } = languages[message.language];
  return [
    message.title,
    '',
    message.text,
    ...(message.link === null ? [] : ['', `${openPage}: ${message.link}`]),
    ...(message.mapLink === null ? [] : [`${openMap}: ${message.mapLink}`]),
  ].join('\n');
}

/** Simple HTML: no picture, nothing that is fetched. */
export function messageHtml(message: OutgoingMessage): string {
  const { openPage, openMap } = languages[message.language];
  const lines = message.text.split('\n').map((line) => `<p style="margin:0 0 6px">${escapeHtml(line)}</p>`);
  const links = [
    ...(message.link === null ? [] : [anchor(message.link, openPage)]),
    ...(message.mapLink === null ? [] : [anchor(message.mapLink, openMap)]),
  ];
  return [
    `<!doctype html><html lang="${message.language}"><head><meta charset="utf-8"></head>`,
    '<body style="font:16px/1.45 sans-serif;color:#222;background:#fff">',
    `<h1 style="font-size:18px;margin:0 0 10px">${escapeHtml(message.title)}</h1>`,
    ...lines,
    ...(links.length === 0 ? [] : [`<p style="margin:12px 0">${links.join(' &nbsp; ')}</p>`]),
    '</body></html>',
  ].join('\n');
}

/** For HTML and for what Telegram calls HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function anchor(url: string, label: string): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`;
}

/** At most so many characters, a cut one with an end mark. */
export function cutTo(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '') + '…';
}
