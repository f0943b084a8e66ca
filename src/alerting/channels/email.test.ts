import type { Readable } from 'node:stream';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileName, openChannel, outgoing } from '../../../tests/support/outgoing-message.ts';
import { email } from './email.ts';

const signal = AbortSignal.timeout(300_000);

describe('e-mail', { timeout: 60_000 }, () => {
  const received: ParsedMail[] = [];
  let server: SMTPServer;
  let port = 0;
  const receive = async (stream: Readable, done: () => void) => {
    received.push(await simpleParser(stream));
    done();
  };
  const open = (more: object = {}, password = 'rahasia') =>
    openChannel(
      email,
      { host: '127.0.0.1', port, security: 'none', from: 'Arung <arung@bone.go.id>', user: 'arung', ...more },
      { password },
    );

  beforeAll(async () => {
    server = new SMTPServer({
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _session, done) => {
        if (username === 'arung' && password === 'rahasia') done(null, { user: username });
        else done(new Error('bad login'));
      },
      onRcptTo: ({ address }, _session, done) => {
        if (address.startsWith('gone@')) done(Object.assign(new Error('no such user'), { responseCode: 550 }));
        else if (address.startsWith('grey@')) done(Object.assign(new Error('later'), { responseCode: 451 }));
        else done();
      },
      onData: (stream, _session, done) => void receive(stream, done),
    });
    await new Promise<void>((resolve) => {
      const listening = server.listen(0, '127.0.0.1', () => {
        port = (listening.address() as { port: number }).port;
        resolve();
      });
    });
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

  it('sends plain text and simple HTML; the recovery is in the thread of the first', async () => {
    const channel = open();
    const message = outgoing('andi@bone.go.id');
    const first = await channel.send(message, signal);
    const incidentId = message.thread?.incidentId as never;
    const thread = { incidentId, externalId: first.externalId };
    await channel.send(outgoing('andi@bone.go.id', { kind: 'resolved', thread }), signal);
    const [opened, resolved] = received;
    expect(opened?.subject).toBe('Sambungan palattae–kahu putus');
    expect(opened?.text).toContain('Hampir pasti, 97 %');
    expect(opened?.html).toContain('href="https://arung.example/i/abc"');
    expect(opened?.messageId).toBe(first.externalId);
    expect(resolved?.inReplyTo).toBe(first.externalId);
    expect(resolved?.references).toContain(first.externalId);
    await channel.close();
  });

  it('shows hostile names as text, in the subject and in both forms', async () => {
    const channel = open();
    await channel.send(outgoing('andi@bone.go.id', { name: hostileName }), signal);
    const mail = received.at(-1);
    expect(mail?.headers.has('bcc')).toBe(false);
    expect(mail?.html).not.toContain('<script>');
    expect(mail?.text).toContain('<script>alert(1)</script>');
    await channel.close();
  });

  it('says whether the address, the login or the server is wrong', async () => {
    const channel = open();
    await expect(channel.send(outgoing('gone@bone.go.id'), signal)).rejects.toMatchObject({
      permanent: true,
      ofChannel: false,
      message: expect.stringMatching(/does not take mail for this address \(550\)/),
    });
    await expect(channel.send(outgoing('grey@bone.go.id'), signal)).rejects.toMatchObject({ permanent: false });
    await expect(open({}, 'salah').send(outgoing('andi@bone.go.id'), signal)).rejects.toMatchObject({
      permanent: true,
      ofChannel: true,
      message: expect.not.stringContaining('salah'),
    });
    await expect(open({ port: 1 }).send(outgoing('andi@bone.go.id'), signal)).rejects.toMatchObject({
      permanent: false,
      maybeTaken: false,
    });
  });
});
