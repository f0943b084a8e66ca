import { describe, expect, it } from 'vitest';
import { guessList, linesOf } from './import.ts';

function streamed(...chunks: readonly (string | Uint8Array)[]): { body: ReadableStream<Uint8Array<ArrayBuffer>> } {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : Uint8Array.from(chunk));
      controller.close();
    },
  });
  return { body };
}

async function all(response: { body: ReadableStream<Uint8Array<ArrayBuffer>> }): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(response)) lines.push(line);
  return lines;
}

describe('the lines of an answer', () => {
  it('come whole however the chunks are cut', async () => {
    expect(await all(streamed('{"a":1}\n{"b"', ':2}\n', '{"c":3}'))).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
  });

  it('keep letters that a chunk cuts in two', async () => {
    const bytes = new TextEncoder().encode('{"n":"Tanété"}\n');
    expect(await all(streamed(bytes.slice(0, 10), bytes.slice(10)))).toEqual(['{"n":"Tanété"}']);
  });
});

describe('what a CSV holds', () => {
  it('is said by the name of its file, else by its columns', () => {
    expect(guessList({ name: 'devices-2026.csv', text: '' })).toBe('devices');
    expect(guessList({ name: 'x.csv', text: 'name,medium,a,b\n' })).toBe('links');
    expect(guessList({ name: 'x.csv', text: '\uFEFF"name";"site";"role"\r\n' })).toBe('devices');
    expect(guessList({ name: 'x.csv', text: 'code,name,kind,network,region,latitude' })).toBe('sites');
    expect(guessList({ name: 'x.csv', text: 'code,latitude,longitude' })).toBe('regions');
  });
});
