import { gzipSync } from 'node:zlib';
import { connectAsync } from 'mqtt';

/** Publishes the messages of the benchmark `ingest` when it is told to: `kind port messages lines`. */
const [kind = '', port = '', messages = '', lines = ''] = process.argv.slice(2);
const perMessage = Number(lines);
const now = Math.floor(Date.now() / 1_000);

function fromAgent(seq: number): Buffer {
  let text = `# agent=bench boot=b1 seq=${seq}\n`;
  for (let i = 0; i < perMessage; i++) {
    text +=
      `interface,device=device-${i % 20},interface=port-${i} in_bps=${Math.random() * 1e9},out_bps=${Math.random() * 1e8},` +
      `in_pps=${Math.random() * 1e5},out_pps=${Math.random() * 1e4},in_eps=0,out_eps=0,in_discards_pps=0,out_discards_pps=0,` +
      `oper_status=1 ${now - 1_000 + seq * 10}\n`;
  }
  return gzipSync(text, { level: 1 });
}

function fromTelegraf(seq: number): Buffer {
  let text = '';
  for (let i = 0; i < perMessage; i++) {
    const fields = ['user', 'system', 'idle', 'nice', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guest_nice'];
    text += `cpu,cpu=cpu${i % 15},host=server-${Math.floor(i / 15)} ${fields.map((one) => `usage_${one}=${Math.random() * 100}`).join(',')} ${now - 1_000 + seq * 10}000000000\n`;
  }
  return Buffer.from(text);
}

const payloads = Array.from({ length: Number(messages) }, (_, seq) =>
  kind === 'agent' ? fromAgent(seq) : fromTelegraf(seq),
);
const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { username: 'bench', password: 'bench' });
process.stdin.once('data', () => void publish());
process.stdout.write('ready\n');

async function publish(): Promise<void> {
  const topic = kind === 'agent' ? 'arung/v1/agents/bench/points' : 'telegraf/bench/cpu';
  for (const payload of payloads) await client.publishAsync(topic, payload, { qos: 1 });
}
