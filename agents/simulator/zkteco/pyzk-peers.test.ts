import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../tests/support/peers.ts';
import { commKey, smallBackbone, type SmallBackbone } from '../routeros/testing/small-backbone.ts';

let backbone: SmallBackbone;
beforeAll(async () => {
  backbone = await smallBackbone(45);
});
afterAll(() => backbone.simulator.stop());

const script = `
import json, sys
from datetime import datetime
from zk import ZK
host, port, key, udp = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == 'udp'
terminal = ZK(host, port=port, timeout=5, password=key, force_udp=udp, ommit_ping=True)
try:
    connection = terminal.connect()
except Exception as error:
    print(json.dumps({'error': str(error)}))
    sys.exit(0)
connection.set_time(datetime(2026, 11, 30, 23, 59, 58))
time = connection.get_time()
print(json.dumps({
    'serial': connection.get_serialnumber(), 'name': connection.get_device_name(), 'platform': connection.get_platform(),
    'network': connection.get_network_params(), 'time': time.isoformat()[:16], 'users': connection.read_sizes() and connection.users,
}))
connection.disconnect()
`;

function pyzk(program: string, transport: 'tcp' | 'udp', key: number): Promise<Readonly<Record<string, unknown>>> {
  const args = ['-c', script, backbone.addressOf('abs-d-01'), String(backbone.terminalPort), String(key), transport];
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as Record<string, unknown>);
      else reject(new Error(stderr, { cause: error }));
    });
  });
}

describeWithPeer('pyzk', 'a simulated attendance terminal, by pyzk', (program) => {
  it.each(['tcp', 'udp'] as const)('tells what it is, and has its clock set, over %s', async (transport) => {
    expect(await pyzk(program, transport, commKey)).toMatchObject({
      serial: 'TERM-D',
      name: 'MB20-VL',
      platform: 'ZLM60_TFT',
      network: { ip: backbone.addressOf('abs-d-01'), mask: '255.255.255.0' },
      time: expect.stringMatching(/^2026-1[12]-(30T23:59|01T00:00)$/) as string,
      users: 0,
    });
  });

  it('lets nobody in with another comm key', async () => {
    expect(await pyzk(program, 'tcp', 1)).toEqual({ error: 'Unauthenticated' });
  });
});
