import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { smallBackbone, user, type SmallBackbone } from './testing/small-backbone.ts';

let backbone: SmallBackbone;
beforeAll(async () => {
  backbone = await smallBackbone(42);
});
afterAll(() => backbone.simulator.stop());

/** curl, as MikroTik's page on the REST API uses it. */
function curl(
  method: string,
  path: string,
  body?: unknown,
  password: string = user.password,
): Promise<{ status: number; body: unknown }> {
  const url = `http://${backbone.addressOf('rtr-a-01')}:${backbone.ports.www}/rest${path}`;
  const data = body === undefined ? [] : ['--data', JSON.stringify(body), '-H', 'content-type: application/json'];
  const args = ['-s', '-g', '-w', '\n%{http_code}', '-u', `${user.name}:${password}`, '-X', method, ...data, url];
  return new Promise((resolve, reject) => {
    execFile('curl', args, { timeout: 20_000 }, (error, stdout) => {
      if (error !== null) {
        reject(error);
        return;
      }
      const end = stdout.lastIndexOf('\n');
      const text = stdout.slice(0, end);
      resolve({ status: Number(stdout.slice(end + 1)), body: text === '' ? null : JSON.parse(text) });
    });
  });
}

describeWithPeer('curl', 'the REST API of a simulated router, asked by curl', () => {
  it('adds, reads, changes and removes an entry', async () => {
    const added = await curl('PUT', '/ip/address', { address: '10.9.0.1/24', interface: 'bridge' });
    expect(added).toMatchObject({
      status: 201,
      body: { address: '10.9.0.1/24', disabled: 'false', network: '10.9.0.0' },
    });
    const id = (added.body as { '.id': string })['.id'];
    expect(await curl('PATCH', `/ip/address/${id}`, { comment: 'Desa Cakkela' })).toMatchObject({
      status: 200,
      body: { comment: 'Desa Cakkela' },
    });
    expect(await curl('GET', '/ip/address?address=10.9.0.1/24&.proplist=address,comment')).toEqual({
      status: 200,
      body: [{ address: '10.9.0.1/24', comment: 'Desa Cakkela' }],
    });
    expect(await curl('DELETE', `/ip/address/${id}`)).toEqual({ status: 204, body: null });
    expect(await curl('GET', `/ip/address/${id}`)).toEqual({
      status: 404,
      body: { error: 404, message: 'Not Found', detail: 'no such item' },
    });
  });

  it('reads settings as one object and runs commands by POST', async () => {
    expect(await curl('GET', '/system/identity')).toEqual({ status: 200, body: { name: 'rtr-a-01' } });
    expect(await curl('POST', '/system/identity/set', { name: 'rtr-a-02' })).toEqual({ status: 200, body: [] });
    const found = await curl('POST', '/interface/print', {
      '.proplist': ['name', 'type'],
      '.query': ['type=ether', 'name=bridge', '#|'],
    });
    expect(found.body).toEqual(
      expect.arrayContaining([
        { name: 'bridge', type: 'bridge' },
        { name: 'ether1', type: 'ether' },
      ]) as unknown,
    );
    expect(await curl('POST', '/system/identity/set', { name: 'rtr-a-01' })).toMatchObject({ status: 200 });
  });

  it('says what is wrong', async () => {
    expect(await curl('GET', '/ip/address', undefined, 'salah')).toEqual({
      status: 401,
      body: { error: 401, message: 'Unauthorized' },
    });
    expect(await curl('PUT', '/ip/address', { adress: '10.9.0.1/24' })).toEqual({
      status: 400,
      body: { error: 400, message: 'Bad Request', detail: 'unknown parameter adress' },
    });
    expect(await curl('GET', '/ip/nothing')).toMatchObject({ status: 400, body: { detail: 'no such command prefix' } });
  });
});
