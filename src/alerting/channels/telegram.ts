import { Api, GrammyError, HttpError, InlineKeyboard } from 'grammy';
import type { Update } from 'grammy/types';
import { Type, type Static } from 'typebox';
import type { NoticeId } from '../../domain/ids.ts';
import { isId } from '../../domain/ids.ts';
import { languages } from '../words/words.ts';
import { actions, ChannelError, type Action, type Channel, type ChannelKind, type Inbound } from './channel.ts';
import { asksToWait, noAnswer, serverFails } from './http.ts';
import { cutTo, escapeHtml } from './message-forms.ts';

const Settings = Type.Object(
  {
    /** Another server than Telegram's own: one that somebody runs themselves. */
    apiRoot: Type.Optional(Type.String({ format: 'uri', pattern: '^https?://', maxLength: 300 })),
  },
  { additionalProperties: false },
);
const Secrets = Type.Object(
  { token: Type.String({ pattern: '^[0-9]{1,20}:[A-Za-z0-9_-]{1,100}$', maxLength: 200 }) },
  { additionalProperties: false },
);

/** A bot of Telegram: buttons under the message, the later ones as replies to the first, commands. */
export const telegram: ChannelKind = {
  kind: 'telegram',
  settings: Settings,
  secrets: Secrets,
  address: { pattern: '^-?[0-9]{1,20}$', example: '123456789' },
  // Telegram's own bound is about 30 a second over all chats, and 20 a minute in a group.
  perMinute: 600,
  audience: 'person',
  answered: true,
  takesKey: false,
  listens: true,
  leaves: true,
  open: (settings, secrets) => openTelegram(settings as Static<typeof Settings>, secrets as Static<typeof Secrets>),
};

const waitS = 25;
const largestText = 4_000;

function openTelegram({ apiRoot }: Static<typeof Settings>, { token }: Static<typeof Secrets>): Channel {
  const api = new Api(token, { ...(apiRoot !== undefined && { apiRoot }), timeoutSeconds: waitS + 10 });
  return {
    send: async (message, signal) => {
      const text = cutTo(`<b>${escapeHtml(message.title)}</b>\n${escapeHtml(message.text)}`, largestText);
      const replyTo = Number(message.thread?.externalId ?? Number.NaN);
      const keyboard = keyboardOf(message);
      try {
        const sent = await api.sendMessage(
          message.address,
          text,
          {
            parse_mode: 'HTML',
            link_preview_options: { is_disabled: true },
            ...(keyboard !== null && { reply_markup: keyboard }),
            ...(Number.isInteger(replyTo) && {
              reply_parameters: { message_id: replyTo, allow_sending_without_reply: true },
            }),
          },
          signal as never,
        );
        return { externalId: String(sent.message_id) };
      } catch (error) {
        throw explain(error);
      }
    },
    listen: async (on, signal) => {
      let offset = 0;
      while (!signal.aborted) {
        let updates: Update[];
        try {
          updates = await api.getUpdates(
            { offset, timeout: waitS, allowed_updates: ['message', 'callback_query'] },
            signal as never,
          );
        } catch (error) {
          if (signal.aborted) return;
          throw explain(error);
        }
        for (const update of updates) {
          const inbound = inboundOf(api, update);
          if (inbound !== null) await on(inbound);
          // Confirmed by asking for what comes after it: one that could not be handled is told again.
          offset = update.update_id + 1;
        }
      }
    },
    close: async () => undefined,
  };
}

/** At most 64 bytes of data in a button: the action's place in the list, and the notice. */
function keyboardOf(message: Parameters<Channel['send']>[0]): InlineKeyboard | null {
  const keyboard = new InlineKeyboard();
  const { openPage, openMap } = languages[message.language];
  for (const { action, label } of message.actions) keyboard.text(label, `${actions.indexOf(action)}:${message.id}`);
  if (message.actions.length > 0) keyboard.row();
  if (message.link?.startsWith('https://') === true) keyboard.url(openPage, message.link);
  if (message.mapLink !== null) keyboard.url(openMap, message.mapLink);
  const isEmpty = keyboard.inline_keyboard.every((row) => row.length === 0);
  return isEmpty ? null : keyboard;
}

function inboundOf(api: Api, update: Update): Inbound | null {
  const { message, callback_query: pressed } = update;
  if (pressed !== undefined) {
    const [index = '', noticeId = ''] = (pressed.data ?? '').split(':');
    const action: Action | undefined = actions[Number(index)];
    if (pressed.message === undefined || action === undefined || !isId(noticeId)) return null;
    const chat = pressed.message.chat.id;
    return {
      kind: 'action',
      address: String(chat),
      noticeId: noticeId as NoticeId,
      action,
      answer: async (text) => {
        await api.answerCallbackQuery(pressed.id, { text: cutTo(text, 200) });
      },
    };
  }
  if (message?.text === undefined) return null;
  return {
    kind: 'text',
    address: String(message.chat.id),
    text: message.text.slice(0, 4_000),
    messageId: `${message.chat.id}:${message.message_id}`,
    answersTo: message.reply_to_message === undefined ? null : String(message.reply_to_message.message_id),
    answer: async (text) => {
      await api.sendMessage(message.chat.id, cutTo(text, largestText), {
        link_preview_options: { is_disabled: true },
        reply_parameters: { message_id: message.message_id, allow_sending_without_reply: true },
      });
    },
  };
}

const server = 'Telegram';

function explain(error: unknown): ChannelError {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error;
    const said = `${code}: ${description.slice(0, 300)}`;
    if (code === 401 || code === 404) {
      const message = `Telegram answered ${said}. The token of the bot is not right: set the one that @BotFather gave.`;
      return new ChannelError(
        { code: 'sending.telegram-token', arguments: { said }, message },
        { permanent: true, ofChannel: true },
      );
    }
    if (code === 409) {
      const message = `Telegram answered ${said}. Another program asks with the same token: stop it.`;
      return new ChannelError({ code: 'sending.telegram-shared', arguments: { said }, message });
    }
    if (code === 429) return asksToWait(server, said, (parameters.retry_after ?? 30) * 1_000);
    if (code >= 500) return serverFails(server, said);
    const message = `Telegram answered ${said}. Check the chat id, and that this person has pressed Start at the bot.`;
    return new ChannelError({ code: 'sending.telegram-chat', arguments: { said }, message }, { permanent: true });
  }
  // The error of the library holds the URL, and the URL the token: only the kind of its cause is told.
  const cause = error instanceof HttpError ? error.error : error;
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no connection';
  const never = reason === 'ECONNREFUSED' || reason === 'ENOTFOUND' || reason === 'EAI_AGAIN';
  return noAnswer(server, reason, { maybeTaken: !never });
}
