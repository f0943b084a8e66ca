import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '../../../../tests/support/certificate.ts';
import { describeWithPeer } from '../../../../tests/support/peers.ts';
import { documentOf, RouterBench, transportNames, type TransportName } from '../../../../tests/support/router-bench.ts';
import type { DeviceTarget } from '../driver.ts';

describeWithPeer('openssl', 'a router behind TLS', (openssl) => {
  const folder = mkdtempSync(join(tmpdir(), 'arung-router-tls-'));
  const file = (name: string, text?: string): string => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text);
    return path;
  };
  const servers = new Map<TransportName, Server>();
  let bench: RouterBench;

  beforeAll(async () => {
    bench = await RouterBench.start(137, { isDriven: false });
    makeCertificate(openssl, file);
    for (const transport of transportNames) {
      const { address: host, port = 0 } = bench.target('rtr-a-01', transport);
      const certificate = { cert: readFileSync(file('server.crt')), key: readFileSync(file('server.key')) };
      const server = createServer(certificate, (near) => {
        const far = connect({ host, port });
        near.on('error', () => far.destroy()).on('close', () => far.destroy());
        far.on('error', () => near.destroy()).on('close', () => near.destroy());
        near.pipe(far).pipe(near);
      });
      server.on('tlsClientError', () => undefined);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      servers.set(transport, server);
    }
  });
  afterAll(async () => {
    for (const server of servers.values()) server.close();
    await bench.stop();
    rmSync(folder, { recursive: true });
  });

  const target = (transport: TransportName, tls: DeviceTarget['tls']): DeviceTarget => {
    const address = servers.get(transport)?.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { ...bench.target('rtr-a-01', transport, port), ...(tls === undefined ? {} : { tls }) };
  };

  it.each(transportNames)('is configured by %s where its authority is known', async (transport) => {
    await bench.with(target(transport, { ca: readFileSync(file('ca.crt')) }), async (session) => {
      const configuration = await session.read([documentOf()]);
      expect(bench.driver.fragments(configuration, '/ip/address').length).toBeGreaterThan(1);
    });
  });

  it.each(transportNames)(
    'is not spoken to by %s where nobody vouches for it: no password is sent',
    async (transport) => {
      const logins = () => bench.rows('rtr-a-01', '/log').filter(({ message = '' }) => message.includes('log')).length;
      const before = logins();
      await expect(bench.driver.open(target(transport, {}))).rejects.toMatchObject({ code: 'router.certificate' });
      expect(logins()).toBe(before);
    },
  );

  it.each(transportNames)('is told from one without TLS by %s', async (transport) => {
    const open = bench.driver.open(target(transport, undefined), { commandTimeoutMs: 1_000 });
    await expect(open).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
