import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BotApi } from '../../../tests/support/bot-api.ts';
import { hostileName, openChannel, outgoing } from '../../../tests/support/outgoing-message.ts';
import type { Channel, Inbound } from './channel.ts';
import { telegram } from './telegram.ts';

const signal = AbortSignal.timeout(300_000);

describe('Telegram', { timeout: 60_000 }, () => {
  let api: BotApi;
  let channel: Channel;

  beforeEach(async () => {
    api = new BotApi();
    api.chats.add('123');
    channel = openChannel(telegram, { apiRoot: await api.start() }, { token: api.token });
  });
  afterEach(async () => {
    await channel.close();
    await api.stop();
  });

  it('sends with buttons, and what comes later as a reply to the first', async () => {
    const first = await channel.send(outgoing('123'), signal);
    const thread = { incidentId: outgoing('123').thread?.incidentId as never, externalId: first.externalId };
    await channel.send(outgoing('123', { kind: 'resolved', thread }), signal);
    const [opened, resolved] = api.messages;
    expect(opened?.text).toContain('<b>Sambungan palattae–kahu putus</b>');
    expect(opened?.reply_markup?.inline_keyboard.flat().map((button) => button.text)).toEqual([
      'Saya ambil',
      'Diam 2 jam',
      'Buka',
      'Peta',
    ]);
    expect(String(resolved?.reply_parameters?.message_id)).toBe(first.externalId);
  });

  it('shows hostile names as text, within what one message may hold', async () => {
    await channel.send(outgoing('123', { name: hostileName }), signal);
    expect(api.messages[0]?.text).toContain('&#60;script&#62;');
    expect(api.messages[0]?.text.length).toBeLessThan(4_096);
  });

  it('says in a sentence what is wrong, and never the token', async () => {
    await expect(channel.send(outgoing('999'), signal)).rejects.toMatchObject({
      permanent: true,
      ofChannel: false,
      message: expect.stringMatching(/chat not found.*pressed Start/),
    });
    api.failNext = { error_code: 429, description: 'Too Many Requests', parameters: { retry_after: 17 } };
    await expect(channel.send(outgoing('123'), signal)).rejects.toMatchObject({
      permanent: false,
      retryAfterMs: 17_000,
    });
    const wrong = openChannel(telegram, { apiRoot: 'http://127.0.0.1:1' }, { token: api.token });
    const lost = await wrong.send(outgoing('123'), signal).catch((error: unknown) => error);
    expect(lost).toMatchObject({ permanent: false, maybeTaken: false });
    expect(String(lost)).not.toContain('AAHdq');
  });

  it('hands on presses and texts, and asks for none twice', async () => {
    const message = outgoing('123');
    const { externalId } = await channel.send(message, signal);
    const heard: Inbound[] = [];
    const end = new AbortController();
    const listening = channel.listen?.(async (inbound) => {
      heard.push(inbound);
      if (inbound.kind === 'action' || inbound.kind === 'text') await inbound.answer('Baik');
    }, end.signal);
    const data = api.messages[0]?.reply_markup?.inline_keyboard.flat()[0]?.callback_data ?? '';
    api.press(123, Number(externalId), data);
    api.write(123, '/ack', Number(externalId));
    await vi.waitFor(() => expect(heard).toHaveLength(2), { timeout: 30_000 });
    expect(heard[0]).toMatchObject({ kind: 'action', address: '123', noticeId: message.id, action: 'take' });
    expect(heard[1]).toMatchObject({ kind: 'text', address: '123', text: '/ack', answersTo: externalId });
    await vi.waitFor(() => expect(api.answers).toHaveLength(1), { timeout: 30_000 });
    await vi.waitFor(() => expect(api.messages.at(-1)?.text).toBe('Baik'), { timeout: 30_000 });
    end.abort();
    await listening;
  });
});
