import type { sendingId } from './sending.id.ts';
import type { Translation } from './translation.ts';

/** Why a message was not taken by its channel, and what to do: by the codes of `ChannelProblem`. */
export const sendingEn = {
  'error.sending.no-answer':
    '{server} did not answer ({reason}). Check its address, and that Arung’s server can reach it.',
  'error.sending.asks-to-wait': '{server} asks to wait ({said}). It is tried again later.',
  'error.sending.server-fails': '{server} answered {said}. It is tried again.',
  'error.sending.sends-elsewhere':
    '{server} answered {said}: it has moved. Set the channel’s address to the one that it names.',
  'error.sending.not-let-in': '{server} answered {said}. Check the token or password of this channel.',
  'error.sending.refused': '{server} answered {said}. Check the address of this person and the channel’s settings.',
  'error.sending.not-confirmed': '{server} did not confirm the message. Look at the account there.',
  'error.sending.keys-apart': 'The two VAPID keys are no pair. Make a new pair and save both.',
  'error.sending.subscription-ended':
    'This browser no longer takes notifications. Subscribe again on that phone or computer.',
  'error.sending.no-subscription': 'The address is no subscription of a browser. Subscribe again on that phone.',
  'error.sending.telegram-token':
    'Telegram answered {said}. The token of the bot is not right: set the one that @BotFather gave.',
  'error.sending.telegram-shared': 'Telegram answered {said}. Another program uses the same token: stop it.',
  'error.sending.telegram-chat':
    'Telegram answered {said}. Check the number of the chat, and that this person has pressed Start at the bot.',
  'error.sending.mail-login': 'The mail server {server} refused the user or the password. Set both again.',
  'error.sending.mail-recipient': 'The mail server {server} does not take mail for this address ({status}). Check it.',
  'error.sending.mail-refused': 'The mail server {server} refused the message ({status}). Check its sender.',
  'error.sending.mail-tls': 'The mail server {server} offers no TLS that we trust. Check its certificate.',
  'error.sending.syslog-line':
    'The syslog server {server} did not take the line over {transport} ({reason}). Check its address and certificate.',
  'error.sending.too-slow':
    'The channel did not answer within {seconds} [seconds:second|seconds]. Check that it can be reached.',
  'error.sending.unexplained': 'The channel failed without an explanation ({name}). See the controller’s log.',
  'error.sending.channel-removed': 'Its channel was removed.',
  'error.sending.unknown-kind': 'This release has no channel of the kind {kind}. Remove it, or upgrade Arung.',
  'error.sending.bad-settings': 'The settings of this channel are not complete. Open it and mend them.',
  'error.sending.bad-secrets': 'The secrets of this channel are not complete. Set them again.',
  'error.sending.too-old': 'It was a day old and still not sent, so it is not sent any more.',
  'error.sending.not-in-time': 'The channel did not take it in time. It was sent over the next one.',
  'error.sending.undelivered': 'The channel could not deliver it.',
  'error.sending.undelivered-because': 'The channel could not deliver it: {reason}.',
} as const satisfies Translation<typeof sendingId>;
