import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { httpProbe, type HttpCheck } from './http.ts';
import type { Probe, ProbeBudget, ProbeOutcome } from './probe.ts';
import { tcpProbe } from './tcp.ts';
import { tlsProbe } from './tls.ts';

const budget: ProbeBudget = { timeoutMs: 15_000, concurrency: 8 };
const open: Server[] = [];

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) (server as ReturnType<typeof createHttp>).closeAllConnections();
    server.close();
  }
});

async function one<Check>(probe: Probe<Check>, check: Check, own: Partial<ProbeBudget> = {}): Promise<ProbeOutcome> {
  const [outcome] = await probe.run([check], { ...budget, ...own });
  if (outcome === undefined) throw new Error('no outcome');
  return outcome;
}
const codeOf = (outcome: ProbeOutcome): string => `${outcome.state} ${outcome.reason?.code ?? ''}`.trim();

async function closedPort(): Promise<number> {
  const server = createTcp();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a TCP probe', () => {
  it('is up where something listens, and says how long it took', async () => {
    const port = await listen(createTcp());
    const outcome = await one(tcpProbe, { kind: 'tcp', host: '127.0.0.1', port });
    expect(codeOf(outcome)).toBe('up');
    expect(outcome.values.connect_ms).toBeGreaterThan(0);
    expect(outcome.values.total_ms).toBeGreaterThanOrEqual(outcome.values.connect_ms ?? Infinity);
  });

  it('is down where nothing does, and where there is no such name', async () => {
    expect(codeOf(await one(tcpProbe, { kind: 'tcp', host: '127.0.0.1', port: await closedPort() }))).toBe(
      'down probe.refused',
    );
    expect(codeOf(await one(tcpProbe, { kind: 'tcp', host: 'ini.tidak.ada.invalid', port: 80 }))).toBe(
      'down probe.no-such-name',
    );
  });

  it('runs no more side by side than it may', async () => {
    let now = 0;
    let most = 0;
    const port = await listen(
      createTcp((socket) => {
        most = Math.max(most, ++now);
        socket.on('close', () => now--).resume();
      }),
    );
    const outcomes = await tcpProbe.run(
      Array.from({ length: 40 }, () => ({ kind: 'tcp', host: '127.0.0.1', port }) as const),
      { timeoutMs: 15_000, concurrency: 3 },
    );
    expect(outcomes.map(codeOf)).toEqual(Array.from({ length: 40 }, () => 'up'));
    // A connection that the probe has left is still there for a moment on the other side.
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe('an HTTP probe', () => {
  const serve = async (answer: RequestListener): Promise<string> => {
    const port = await listen(createHttp({ keepAlive: false }, answer));
    return `http://127.0.0.1:${port}`;
  };
  const ask = (url: string, more: Partial<HttpCheck> = {}, own: Partial<ProbeBudget> = {}): Promise<ProbeOutcome> =>
    one(httpProbe, { kind: 'http', url, ...more }, own);

  it('wants its status and its text', async () => {
    const base = await serve((request, response) => {
      response.statusCode = request.url === '/gone' ? 503 : 200;
      response.end('<h1>e-Planning Kabupaten Bone</h1>');
    });
    const fine = await ask(`${base}/`, { contains: 'Kabupaten Bone' });
    expect(codeOf(fine)).toBe('up');
    expect(fine.values).toMatchObject({ value: 200 });
    expect(Object.keys(fine.values).sort()).toEqual(['connect_ms', 'dns_ms', 'first_byte_ms', 'total_ms', 'value']);
    const gone = await ask(`${base}/gone`);
    expect([codeOf(gone), gone.reason?.arguments]).toEqual(['down probe.http-status', { status: 503 }]);
    expect(codeOf(await ask(`${base}/gone`, { status: 503 }))).toBe('up');
    expect(codeOf(await ask(`${base}/`, { contains: 'Kabupaten Wajo' }))).toBe('down probe.http-body');
  });

  it('is degraded when it takes too long, and down when longer than it may', async () => {
    const base = await serve((_request, response) => void setTimeout(() => response.end('x'), 300));
    expect(codeOf(await ask(base, { slowMs: 100 }))).toBe('degraded probe.slow');
    const never = await serve(() => undefined);
    const late = await ask(never, {}, { timeoutMs: 200 });
    expect([codeOf(late), late.reason?.arguments]).toEqual(['down probe.timeout', { ms: 200 }]);
  });

  it('follows a redirect on the same host, and to another only where it is told so', async () => {
    const there = await serve((_request, response) => response.end('there'));
    const elsewhere = there.replace('127.0.0.1', 'localhost');
    const base = await serve((request, response) => {
      const to = { '/a': '/b', '/far': elsewhere, '/round': '/round', '/file': 'file:///etc/passwd' }[
        request.url ?? ''
      ];
      if (to === undefined) response.end('here');
      else response.writeHead(302, { location: to }).end();
    });
    expect(codeOf(await ask(`${base}/a`, { contains: 'here' }))).toBe('up');
    expect(codeOf(await ask(`${base}/far`))).toBe('down probe.http-elsewhere');
    expect(codeOf(await ask(`${base}/round`))).toBe('down probe.http-redirects');
    expect(codeOf(await ask(`${base}/file`))).toMatch(/^down probe\.http-(elsewhere|protocol)$/);
    expect(codeOf(await ask(`${base}/a`, { status: 302 }))).toBe('up');
    // `localhost` may be ::1 first; Node tries both.
    expect(codeOf(await ask(`${base}/far`, { redirectHosts: ['localhost'], contains: 'there' }))).toBe('up');
  });

  it('survives an endless body, endless headers and no HTTP at all', async () => {
    const endless = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    expect(codeOf(await ask(endless, { contains: 'never' }))).toBe('down probe.http-body');
    expect(codeOf(await ask(endless))).toBe('up');
    const headers = await listen(
      createTcp((socket) => {
        socket.on('error', () => undefined);
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write(`x-${'a'.repeat(4_000)}: b\r\n`), 1);
        socket.on('close', () => clearInterval(timer));
      }),
    );
    expect(codeOf(await ask(`http://127.0.0.1:${headers}/`))).toBe('down probe.failed');
    const ssh = await listen(createTcp((socket) => socket.on('error', () => undefined).end('SSH-2.0-\u001b[31mx\r\n')));
    const strange = await ask(`http://127.0.0.1:${ssh}/`);
    expect(strange.state).toBe('down');
    expect(JSON.stringify(strange.reason)).not.toContain('\\u001b');
  });

  it('is stopped from outside, at once', async () => {
    const never = await serve(() => undefined);
    const stop = new AbortController();
    const asked = httpProbe.run(
      Array.from({ length: 20 }, () => ({ kind: 'http', url: never }) as const),
      { timeoutMs: 600_000, concurrency: 2, signal: stop.signal },
    );
    stop.abort();
    expect((await asked).map(codeOf)).toEqual(Array.from({ length: 20 }, () => 'down probe.stopped'));
  });
});

describeWithPeer('openssl', 'a certificate', (openssl) => {
  let folder: string;
  const file = (name: string): string => join(folder, name);
  const run = (...args: string[]): void => void execFileSync(openssl, args, { cwd: folder, stdio: 'ignore' });

  /** Signed by our authority, for a name, with days left. */
  const certify = (name: string, days: number): { key: string; cert: string } => {
    writeFileSync(file('ext'), `subjectAltName=DNS:${name}`);
    run(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    const dates = days < 0 ? ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z'] : ['-days', `${days}`];
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext', '-out', `${name}.crt`];
    if (days < 0) expired(name);
    else run('x509', '-req', '-in', `${name}.csr`, ...signed, ...dates);
    return { key: readFileSync(file(`${name}.key`), 'utf8'), cert: readFileSync(file(`${name}.crt`), 'utf8') };
  };
  /** `x509` takes no dates before OpenSSL 3.4; the small authority does. */
  const expired = (name: string): void => {
    writeFileSync(file('index'), '');
    writeFileSync(file('serial'), '01');
    writeFileSync(
      file('ca.conf'),
      '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n',
    );
    const dates = ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z'];
    const ca = ['-cert', 'ca.crt', '-keyfile', 'ca.key', '-in', `${name}.csr`, '-out', `${name}.crt`];
    run('ca', '-batch', '-notext', '-config', 'ca.conf', '-extfile', 'ext', ...ca, ...dates);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arung-probe-'));
    const subject = ['-subj', '/CN=Otoritas Uji', '-days', '400'];
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', ...subject);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const serve = async (name: string, days: number): Promise<number> =>
    listen(createHttps(certify(name, days), (_request, response) => response.end('aman')));
  const ca = (): string => readFileSync(file('ca.crt'), 'utf8');
  const look = (port: number, serverName: string, more: { ca?: string } = {}): Promise<ProbeOutcome> =>
    one(tlsProbe, { kind: 'tls', host: '127.0.0.1', port, serverName, ...more });

  it('has its days counted, its chain and its name judged', async () => {
    const port = await serve('planning.bone.test', 200);
    const fine = await look(port, 'planning.bone.test', { ca: ca() });
    expect(codeOf(fine)).toBe('up');
    expect(fine.values.days_left).toBeGreaterThan(198);
    expect(fine.values.days_left).toBeLessThanOrEqual(200);
    const chain = await look(port, 'planning.bone.test');
    expect(codeOf(chain)).toBe('down probe.tls-chain');
    expect(chain.values.days_left).toBeGreaterThan(198);
    expect(codeOf(await look(port, 'budget.bone.test', { ca: ca() }))).toBe('down probe.tls-name');
  });

  it('is told before it ends, and when it has', async () => {
    const soon = await look(await serve('soon.bone.test', 5), 'soon.bone.test', { ca: ca() });
    expect(codeOf(soon)).toBe('degraded probe.tls-ends-soon');
    expect(soon.reason?.arguments['days']).toBe(4);
    const over = await look(await serve('over.bone.test', -1), 'over.bone.test', { ca: ca() });
    expect(codeOf(over)).toBe('down probe.tls-expired');
    expect(over.values.days_left).toBeLessThan(-1_000);
  });

  it('is what an HTTPS probe stumbles over, too', async () => {
    const port = await serve('localhost', 90);
    const url = `https://localhost:${port}/`;
    const fine = await one(httpProbe, { kind: 'http', url, ca: ca(), contains: 'aman' });
    expect(codeOf(fine)).toBe('up');
    expect(fine.values.tls_ms).toBeGreaterThan(0);
    const stranger = await one(httpProbe, { kind: 'http', url });
    expect(codeOf(stranger)).toBe('down probe.failed');
    expect(String(stranger.reason?.arguments['reason'])).toMatch(/certificate/i);
  });

  it('is none where no TLS is spoken', async () => {
    const port = await listen(createTcp((socket) => socket.on('error', () => undefined).end('halo\r\n')));
    expect((await look(port, 'x')).state).toBe('down');
  });
});

it('a probe that is refused and one that is silent are told apart', async () => {
  const silent = await listen(createTcp());
  const outcome = await one(tlsProbe, { kind: 'tls', host: '127.0.0.1', port: silent }, { timeoutMs: 200 });
  expect(codeOf(outcome)).toBe('down probe.timeout');
});
