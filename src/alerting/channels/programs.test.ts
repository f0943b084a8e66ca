import { createHmac } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { startAlertmanager } from '../../../tests/support/alertmanager.ts';
import { hostileName, openChannel, outgoing } from '../../../tests/support/outgoing-message.ts';
import { itWithPeer } from '../../../tests/support/peers.ts';
import { WebhookReceiver } from '../../../tests/support/webhook-receiver.ts';
import { alertmanager } from './alertmanager.ts';
import { smsHttp } from './sms-http.ts';
import { smsRouteros } from './sms-routeros.ts';
import { syslog } from './syslog.ts';
import { subscriptionOf } from './web-push.ts';
import { whatsapp } from './whatsapp.ts';

const signal = AbortSignal.timeout(600_000);

describe('syslog', { timeout: 60_000 }, () => {
  it('is one line of RFC 5424 over UDP, hostile names and all', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const channel = openChannel(syslog, { host: '127.0.0.1', port: socket.address().port, transport: 'udp' });
    const received = once(socket, 'message');
    await channel.send(outgoing('arung', { name: hostileName }), signal);
    const line = String((await received)[0]);
    // local0 critical
    expect(line).toMatch(/^<130>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ arung - opened \[arung@32473 incident="INS-1287" /);
    expect(line).toContain('\\"\\]\\\\ &');
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    socket.close();
  });

  it('frames by length over TCP, and says when nobody takes it', async () => {
    const server = createServer();
    const received = new Promise<string>((resolve) => server.once('connection', (socket) => resolve(text(socket))));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await openChannel(syslog, { host: '127.0.0.1', port, transport: 'tcp' }).send(outgoing('arung'), signal);
    const frame = await received;
    const length = Number(/^(\d+) /.exec(frame)?.[1]);
    expect(Buffer.byteLength(frame.slice(frame.indexOf(' ') + 1))).toBe(length);
    server.close();
    const dead = openChannel(syslog, { host: '127.0.0.1', port: 1, transport: 'tcp' });
    await expect(dead.send(outgoing('arung'), signal)).rejects.toMatchObject({ maybeTaken: false });
  });
});

describe('text messages', { timeout: 60_000 }, () => {
  it('go through a gateway by the request that its owner wrote, encoded for where they stand', async () => {
    const gateway = new WebhookReceiver();
    const url = await gateway.start();
    const settings = {
      method: 'POST',
      url: `${url}?to={to}`,
      body: '{"text":"{text}","ref":"{id}"}',
      header: 'Authorization: Bearer {secret}',
    };
    const channel = openChannel(smsHttp, settings, { secret: 'rahasia' });
    const message = outgoing('+62 811-000-000', { name: hostileName });
    await channel.send(message, signal);
    const [call] = gateway.calls;
    const body = JSON.parse(call?.body ?? '') as { text: string; ref: string };
    expect(body.ref).toBe(message.id);
    expect(body.text).toContain('https://arung.example/i/abc');
    expect(body.text.length).toBeLessThanOrEqual(3 * 153);
    expect(body.text).toMatch(/^[\n\x20-\x7a_]*$/);
    expect(call?.headers.authorization).toBe('Bearer rahasia');
    await gateway.stop();
  });

  it('go through the modem of a RouterOS router by its REST API', async () => {
    const router = new WebhookReceiver();
    const { origin } = new URL(await router.start());
    const channel = openChannel(smsRouteros, { url: origin, port: 'lte1', user: 'arung' }, { password: 'rahasia' });
    await channel.send(outgoing('+62 811-000-000'), signal);
    const [call] = router.calls;
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ port: 'lte1', 'phone-number': '+62811000000' });
    router.answer = () => 401;
    const refused = channel.send(outgoing('+62 811-000-000'), signal);
    await expect(refused).rejects.toMatchObject({ permanent: true, ofChannel: true });
    await router.stop();
  });
});

describe('WhatsApp', { timeout: 60_000 }, () => {
  const secrets = { token: 'a-token', appSecret: 'app-secret', verifyToken: 'verify-token' };
  const settings = {
    phoneNumberId: '106540352242922',
    template: { id: 'arung_insiden', en: 'arung_incident' },
    buttons: 2,
    apiVersion: 'v23.0',
  };
  const call = (body: object, secret = secrets.appSecret) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const mac = createHmac('sha256', secret).update(bytes).digest('hex');
    return { method: 'POST' as const, query: {}, headers: { 'x-hub-signature-256': `sha256=${mac}` }, body: bytes };
  };

  it('sends an approved template whose parameters hold no line end, with quick replies', async () => {
    const meta = new WebhookReceiver();
    const { origin: apiRoot } = new URL(await meta.start());
    const channel = openChannel(whatsapp, { ...settings, apiRoot }, secrets);
    await channel.send(outgoing('+62 811-000-000', { name: hostileName }), signal);
    const body = JSON.parse(meta.calls[0]?.body ?? '');
    expect(body).toMatchObject({ to: '62811000000', template: { name: 'arung_insiden', language: { code: 'id' } } });
    const [words, ...buttons] = body.template.components;
    for (const { text: parameter } of words.parameters) expect(parameter).not.toMatch(/[\n\t]| {5}/);
    expect(buttons).toHaveLength(2);
    await meta.stop();
  });

  it('takes nothing that is not signed by the app, and hands on receipts and presses', async () => {
    const channel = openChannel(whatsapp, settings, secrets);
    const message = outgoing('62811000000');
    const value = {
      statuses: [{ id: 'wamid.1', status: 'read' }],
      messages: [{ id: 'wamid.2', from: '62811000000', button: { payload: `0:${message.id}` } }],
    };
    const told = { entry: [{ changes: [{ value }] }] };
    expect(await channel.receive?.(call(told, 'forged'))).toEqual({ status: 401, body: '', inbound: [] });
    const answer = await channel.receive?.(call(told));
    expect(answer?.inbound).toMatchObject([
      { kind: 'receipt', externalId: 'wamid.1', state: 'read' },
      { kind: 'action', address: '62811000000', noticeId: message.id, action: 'take' },
    ]);
    expect((await channel.receive?.(call({ entry: 'nonsense' })))?.status).toBe(400);
    // Signed, and made of parts that are none.
    for (const value of [null, 5, { statuses: 5 }, { statuses: [null] }, { messages: [null] }, { messages: {} }]) {
      expect((await channel.receive?.(call({ entry: [{ changes: [{ value }] }] })))?.status).toBeOneOf([200, 400]);
    }
    expect((await channel.receive?.(call({ entry: [{ changes: [null] }] })))?.status).toBe(400);
    const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-token', 'hub.challenge': '42' };
    const get = { method: 'GET' as const, headers: {}, body: Buffer.alloc(0) };
    expect(await channel.receive?.({ ...get, query })).toMatchObject({ status: 200, body: '42' });
    const wrong = { ...query, 'hub.verify_token': 'x' };
    expect(await channel.receive?.({ ...get, query: wrong })).toMatchObject({ status: 401 });
  });
});

describe('a push subscription', () => {
  it('is called over TLS by a name on the internet only: an operator of one kecamatan types it', () => {
    const keys = { p256dh: 'x', auth: 'y' };
    const of = (endpoint: string) => () => subscriptionOf(JSON.stringify({ endpoint, keys }));
    expect(of('https://fcm.googleapis.com/fcm/send/abc')()).toMatchObject({ keys });
    const inside = [
      'http://fcm.googleapis.com/x',
      'https://127.0.0.1/x',
      'https://2130706433/x',
      'https://0x7f.1/x',
      'https://[::1]/x',
      'https://169.254.169.254/latest',
      'https://localhost/x',
      'https://router.lan/x',
      'https://db.internal/x',
      'https://fcm.googleapis.com:8443/x',
      'https://user@fcm.googleapis.com/x',
      'file:///etc/passwd',
      'x',
    ];
    for (const endpoint of inside) expect(of(endpoint), endpoint).toThrow(/no push subscription/);
  });
});

describe('what Alertmanager calls with', () => {
  it('is refused or taken, whatever its parts are', async () => {
    const channel = openChannel(alertmanager, { url: 'http://127.0.0.1:9' }, { inboundToken: 'a token of sixteen' });
    const headers = { authorization: 'Bearer a token of sixteen' };
    const told = async (alerts: unknown) =>
      channel.receive?.({ method: 'POST', query: {}, headers, body: Buffer.from(JSON.stringify({ alerts })) });
    const startsAt = '2026-11-29T18:00:00Z';
    for (const one of [null, 5, { fingerprint: 'a1', startsAt: { toString: 1 } }, { labels: { x: { toString: 1 } } }]) {
      expect([200, 400]).toContain((await told([one]))?.status);
    }
    expect((await told([{ fingerprint: 'a1', startsAt, labels: { a: { toString: 1, valueOf: 1 } } }]))?.status).toBe(
      400,
    );
    expect((await told({}))?.status).toBe(400);
  });
});

describe('Alertmanager', { timeout: 240_000 }, () => {
  itWithPeer(
    'prometheus-alertmanager',
    'takes an incident as one alert, its end, and hands its alerts to us, but not our own',
    async (program) => {
      const back = new WebhookReceiver();
      const peer = await startAlertmanager(program, { hook: await back.start(), token: 'a token of sixteen' });
      try {
        const channel = openChannel(alertmanager, { url: peer.url }, { inboundToken: 'a token of sixteen' });
        const first = outgoing('jaringan');
        await channel.send(first, signal);
        await channel.send(first, signal);
        expect(await peer.alerts()).toMatchObject([{ labels: { alertname: 'ArungIncident', incident: 'INS-1287' } }]);
        await peer.tell([{ labels: { alertname: 'DiskFull', instance: 'db1:9100', severity: 'page' } }]);
        const patient = { timeout: 100_000, interval: 200 };
        await vi.waitFor(() => expect(back.calls.map(({ body }) => body).join()).toContain('DiskFull'), patient);
        await vi.waitFor(() => expect(back.calls.map(({ body }) => body).join()).toContain('ArungIncident'), patient);
        const taken = [];
        for (const { body, headers } of back.calls) {
          const request = { method: 'POST' as const, query: {}, body: Buffer.from(body) };
          const answer = await channel.receive?.({ ...request, headers: { authorization: headers.authorization } });
          taken.push(...(answer?.inbound ?? []));
          expect(await channel.receive?.({ ...request, headers: {} })).toMatchObject({ status: 401, inbound: [] });
        }
        for (const inbound of taken) {
          expect(inbound).toMatchObject({
            kind: 'alert',
            alert: { name: 'DiskFull', severity: 'critical', labels: { instance: 'db1:9100' }, endsAt: null },
          });
        }
        expect(taken.length).toBeGreaterThan(0);
        await channel.send(outgoing('jaringan', { kind: 'resolved' }), signal);
        await vi.waitFor(async () => {
          expect(JSON.stringify(await peer.alerts())).not.toContain('ArungIncident');
        }, patient);
      } finally {
        await peer.stop();
        await back.stop();
      }
    },
  );
});
