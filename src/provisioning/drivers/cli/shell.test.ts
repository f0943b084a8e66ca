import { duplexPair, type Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { ciscoIos } from './dialects/cisco-ios.ts';
import { screenBounds } from './screen.ts';
import { Shell } from './shell.ts';

let far: Duplex | null = null;
afterEach(() => {
  far?.destroy();
  far = null;
});

/** A device that answers each line as it is told; what it is told is written as it is. */
async function shellOf(
  answers: (line: string, write: (text: string) => void) => string | null,
  first = '\r\nSelamat datang\r\nsw1#',
): Promise<Shell> {
  const [near, device] = duplexPair();
  far = device;
  let typed = '';
  device.on('data', (chunk: Buffer) => {
    typed += chunk.toString();
    for (let end = typed.indexOf('\n'); end !== -1; end = typed.indexOf('\n')) {
      const line = typed.slice(0, end);
      typed = typed.slice(end + 1);
      const answer = answers(line, (text) => device.write(text));
      if (answer !== null) device.write(`${line}\r\n${answer}`);
    }
  });
  device.write(first);
  const shell = await Shell.open(near, '10.0.0.1:22', 2_000);
  shell.notices = ciscoIos.notice;
  return shell;
}

const run = (shell: Shell, line: string, deadlineMs = 2_000) => shell.run({ line }, { deadlineMs, refusal: ciscoIos.refusal }); // prettier-ignore

describe('a command line', () => {
  it('gives an answer without its echo and prompt', async () => {
    const shell = await shellOf((line) => (line === 'show clock' ? '10:00:00\r\nsw1#' : 'sw1#'));
    expect(await run(shell, 'show clock')).toBe('10:00:00');
    expect(await run(shell, 'terminal length 0')).toBe('');
  });

  it('follows the device through its modes, and to a new name', async () => {
    const prompts: Record<string, string> = {
      'configure terminal': 'sw1(config)#',
      'hostname sw-baru': 'sw-baru(config)#',
      end: 'sw-baru#',
    };
    const shell = await shellOf((line) => prompts[line] ?? 'sw-baru#');
    await run(shell, 'configure terminal');
    await run(shell, 'hostname sw-baru');
    expect(await run(shell, 'end')).toBe('');
    expect(shell.prompt.name).toBe('sw-baru');
  });

  it('ends a line as the key of a terminal does where one may only look at first', async () => {
    const [near, device] = duplexPair();
    far = device;
    let typed = '';
    device.on('data', (chunk: Buffer) => {
      typed += chunk.toString();
      // As TP-Link's: a line feed is no end of a line.
      if (typed.endsWith('\r')) device.write(`${typed}\nsw1${typed.startsWith('enable') ? '#' : '>'}`);
    });
    device.write('\r\nsw1>');
    const shell = await Shell.open(near, '10.0.0.1:22', 2_000);
    await run(shell, 'enable');
    expect(shell.prompt.isLimited).toBe(false);
  });

  it('turns pages by itself', async () => {
    let pages = 0;
    const [near, device] = duplexPair();
    far = device;
    device.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      if (text.endsWith('\n')) device.write(`${text.trim()}\r\nline 0\r\n --More-- `);
      else if (text === ' ') {
        pages += 1;
        device.write(
          `\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\bline ${pages}\r\n${pages < 3 ? ' --More-- ' : 'sw1#'}`,
        );
      }
    });
    device.write('sw1#');
    const shell = await Shell.open(near, 'x', 2_000);
    expect(await run(shell, 'show run')).toBe('line 0\nline 1\nline 2\nline 3');
  });

  it('throws what the device refuses, with its words', async () => {
    const shell = await shellOf(() => "            ^\r\n% Invalid input detected at '^' marker.\r\n\r\nsw1#");
    await expect(run(shell, 'hostnme x')).rejects.toMatchObject({
      code: 'device.refused',
      kind: 'invalid',
      arguments: { said: "% Invalid input detected at '^' marker." },
    });
    expect(shell.isOpen).toBe(true);
  });

  it('is not held up by what comes unasked, before its prompt or after', async () => {
    const notice = '\r\n\r\n***\r\n*** --- SHUTDOWN in 0:01:00 ---\r\n***\r\n';
    const shell = await shellOf((line) => (line === 'a' ? `satu\r\nsw1#${notice}` : `${notice}dua\r\nsw1#`));
    expect(await run(shell, 'a')).toBe('satu');
    expect((await run(shell, 'b')).trim()).toBe('dua');
  });

  it('does not take a line for its prompt that only begins like it', async () => {
    const shell = await shellOf((line, write) => {
      write(`${line}\r\n description sw1#`);
      setTimeout(() => write(' ke kantor\r\nsw1'), 5);
      setTimeout(() => write('#'), 10);
      return null;
    });
    expect(await run(shell, 'show run')).toBe(' description sw1# ke kantor');
  });

  it('answers the questions that it was told of, and says no to others', async () => {
    const said: string[] = [];
    let asks = false;
    const shell = await shellOf((line, write) => {
      if (asks) {
        said.push(line);
        asks = false;
        write(`${line}\r\nsw1#`);
        return null;
      }
      asks = true;
      return line === 'copy' ? 'Destination filename [startup-config]? ' : 'Erase all? [confirm]';
    });
    await shell.run({ line: 'copy', answers: [{ to: /\[startup-config\]\? ?$/, say: 'ya' }] }, { deadlineMs: 2_000 });
    await run(shell, 'erase');
    expect(said).toEqual(['ya', 'n']);
  });

  it('ends with a deadline, and takes no late answer for that of another command', async () => {
    const shell = await shellOf(() => null);
    await expect(run(shell, 'show tech', 60)).rejects.toMatchObject({ code: 'device.timeout' });
    expect(shell.isOpen).toBe(false);
    await expect(run(shell, 'show clock')).rejects.toMatchObject({ code: 'device.closed' });
  });

  it('ends when an answer is not that to its command', async () => {
    const shell = await shellOf((_, write) => {
      write('something else\r\nsw1#');
      return null;
    });
    await expect(run(shell, 'show clock')).rejects.toMatchObject({ code: 'device.garbage' });
    expect(shell.isOpen).toBe(false);
  });

  it('ends when the stream does, in the middle of an answer', async () => {
    const shell = await shellOf((line, write) => {
      write(`${line}\r\nhalf an ans`);
      setTimeout(() => far?.destroy(), 10);
      return null;
    });
    await expect(run(shell, 'show run')).rejects.toMatchObject({ code: 'device.closed' });
  });

  it('ends when a line does not', async () => {
    const shell = await shellOf((line, write) => {
      write(`${line}\r\n${'x'.repeat(screenBounds.line + 10)}`);
      return null;
    });
    await expect(run(shell, 'show run')).rejects.toMatchObject({ code: 'device.too-much' });
    expect(shell.isOpen).toBe(false);
  });

  it('is read in no more time than it takes to write it, whatever is made to look like a question', async () => {
    const shell = await shellOf((line, write) => {
      write(`${line}\r\n`);
      // Each of them could be the question with which the line ends, and with each packet it is looked at again.
      write(']?'.repeat(30_000));
      let left = 20;
      const drip = (): void => {
        write(left > 0 ? 'x' : '\r\nsw1#');
        if (left-- > 0) setTimeout(drip, 2);
      };
      drip();
      return null;
    });
    const before = process.cpuUsage();
    await run(shell, 'show run', 60_000);
    const { user } = process.cpuUsage(before);
    expect(user / 1e6).toBeLessThan(2);
  });

  it('ends when lines do not, empty ones too', async () => {
    const shell = await shellOf((line, write) => {
      write(`${line}\r\n`);
      for (let i = 0; i < 210; i += 1) write('\n'.repeat(1_000));
      return null;
    });
    const before = process.cpuUsage();
    await expect(run(shell, 'show run', 60_000)).rejects.toMatchObject({ code: 'device.too-much' });
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
  });

  it('does not wait for ever for a device that greets and says no more', async () => {
    const [near, device] = duplexPair();
    far = device;
    device.write('Selamat datang\r\n');
    await expect(Shell.open(near, 'x', 60)).rejects.toMatchObject({ code: 'device.timeout' });
  });
});
