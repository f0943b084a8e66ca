import { duplexPair, type Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { lists, takesMinutes } from './help.ts';
import { Shell } from './shell.ts';

let far: Duplex | null = null;
afterEach(() => {
  far?.destroy();
  far = null;
});

/** A device that hears every key, and what it heard so far. */
async function shellOf(
  hear: (key: string, write: (text: string) => void, line: string) => void,
): Promise<{ readonly shell: Shell; heard(): string }> {
  const [near, device] = duplexPair();
  far = device;
  let heard = '';
  let line = '';
  device.on('data', (chunk: Buffer) => {
    for (const key of chunk.toString()) {
      heard += key;
      hear(key, (text) => device.write(text), line);
      line = key === '\n' || key === '\x15' ? '' : line + key;
    }
  });
  device.write('sw1#');
  return { shell: await Shell.open(near, '10.0.0.1:22', 2_000), heard: () => heard };
}

const rubbed = (line: string): string => '\b \b'.repeat(line.length);

/** As most do: `?` lists, and gives the line back; Ctrl-U erases it; Enter answers with what was entered. */
const helping =
  (help: string, erase = rubbed) =>
  (key: string, write: (text: string) => void, line: string): void => {
    if (key === '?') write(`?\r\n${help}\r\nsw1#${line}`);
    else if (key === '\x15') write(erase(line.replace('?', '')));
    else if (key === '\n') write(`\r\n[${line.replace('?', '')}]\r\nsw1#`);
    else write(key);
  };

const reload = '  at       Restart at a time\r\n  cancel   Cancel it\r\n  in       Restart after a while\r\n  <cr>';

describe('what a device lists after a question mark', () => {
  it.each([
    ['backspaces', rubbed],
    ['a return and blanks', (line: string) => `\r${' '.repeat(40)}\rsw1#${line.slice(0, 0)}`],
    ['escape sequences', (line: string) => `\x1b[${line.length}D${'\b'.repeat(line.length)}\x1b[K`],
    ['a line of its own', () => '\r\nsw1#'],
  ])('is read, and the line is erased by %s: nothing was entered, and nothing is left of it', async (_, erase) => {
    const { shell, heard } = await shellOf(helping(reload, erase));
    const help = await shell.help('reload ', 2_000);
    expect(lists('reload ', 'in', 'cancel').isMetBy(help ?? [])).toBe(true);
    expect(heard()).not.toContain('\n');
    expect(await shell.run({ line: 'show clock' }, { deadlineMs: 1_000 })).toBe('[show clock]');
  });

  it('is read over several pages', async () => {
    const { shell } = await shellOf((key, write, line) => {
      if (key === '?') write('?\r\n  at\r\n --More-- ');
      else if (key === ' ' && line.endsWith('?'))
        write(`\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b  in   after\r\nsw1#reload `);
      else if (key === '\x15') write(rubbed('reload '));
      else write(key);
    });
    expect(await shell.help('reload ', 2_000)).toEqual(['  at', '  in   after']);
  });

  it('is none where a question mark is text; the line is erased', async () => {
    const { shell, heard } = await shellOf((key, write, line) => {
      if (key === '\x15') write(rubbed(line));
      else write(key === '\n' ? '\r\nsw1#' : key);
    });
    expect(await shell.help('show ', 4_000)).toBeNull();
    expect(heard()).toBe('show ?\x15');
    expect(shell.isOpen).toBe(true);
    expect(await shell.run({ line: 'show clock' }, { deadlineMs: 1_000 })).toBe('');
  });

  it.each([
    ['does not erase what was typed', (key: string, write: (text: string) => void) => key !== '\x15' && write(key)],
    [
      'does what it was to explain, and asks',
      (key: string, write: (text: string) => void) => write(key === '?' ? '?\r\nProceed with reload? [confirm]' : ''),
    ],
    [
      'does what it was to explain, and asks in another way',
      (key: string, write: (text: string) => void) =>
        write(key === '?' ? '?\r\nThe system will restart. (Y/N)[N] ' : ''),
    ],
    [
      'gives another line back',
      (key: string, write: (text: string) => void) => write(key === '?' ? '?\r\n  in\r\nsw1#erase ' : ''),
    ],
    [
      'says that the line is erased, and shows it again',
      (key: string, write: (text: string) => void, line: string) =>
        write(key === '?' ? `?\r\n  in\r\nsw1#${line}` : key === '\x15' ? `\r\nsw1#\r\nsw1#reload` : key),
    ],
  ])('is none where it %s: the session ends, and nothing is entered or answered', async (_, hear) => {
    const { shell, heard } = await shellOf(hear);
    expect(await shell.help('reload ', 5_000)).toBeNull();
    expect(shell.isOpen).toBe(false);
    expect(['reload ?', 'reload ?\x15']).toContain(heard());
  });

  it.each([
    ['lines', (n: number) => `  word${n}   meaning\r\n`],
    ['pages', () => 'x\r\n --More-- '],
    ['a line', () => 'x'.repeat(4_000)],
  ])('is none where it has no end, of %s', async (_, more) => {
    let drip: NodeJS.Timeout | null = null;
    const { shell, heard } = await shellOf((key, write) => {
      let n = 0;
      if (key === '?') drip = setInterval(() => write(more(n++)), 5);
      else write(key);
    });
    expect(await shell.help('reload ', 600)).toBeNull();
    if (drip !== null) clearInterval(drip);
    expect(shell.isOpen).toBe(false);
    expect(heard().replaceAll(' ', '')).toBe('reload?');
  });

  it('acts on no escape sequence: what one hides or paints is text, or nothing', async () => {
    const { shell } = await shellOf(
      helping('\x1b[2J\x1b[1;1H  at   time\r\n\x1b]0;in\x07  cancel\r\n\x1b[8m  (in)\x1b[0m'),
    );
    const help = await shell.help('reload ', 2_000);
    expect(help).toEqual(['  at   time', '  cancel', '  (in)']);
    expect(lists('reload ', 'in').isMetBy(help ?? [])).toBe(false);
  });

  it('is not what ended the session: a loss is told as one', async () => {
    const { shell } = await shellOf((key) => key === '?' && far?.destroy());
    await expect(shell.help('show ', 2_000)).rejects.toMatchObject({ code: 'device.closed' });
  });
});

describe('what help must show', () => {
  it.each([
    ['a word in a description', ['  at       Restart in a while', '  cancel   Take it back']],
    ['a longer word', ['  inside   Restart from within', '  cancel']],
    ['one of two words', ['  in       After a while']],
    ['nothing', []],
    ['a refusal', ["% Invalid input detected at '^' marker.", 'in cancel']],
  ])('is not shown by %s', (_, help) => {
    expect(lists('reload ', 'in', 'cancel').isMetBy(help)).toBe(false);
  });

  it.each([
    ['Delay before reload (mmm or hhh:mm)', true],
    ['  <1-43200>   Minutes', true],
    ['  [hh:]mm     Hours and minutes', true],
    ['  STRING<1-6> Delay time (hh:mm or mm)', true],
    ['  <1-60>      Seconds', false],
    ['  hh:mm:ss    Time', false],
    ['  <1-24>      Hours', false],
    ['  <1-31>      Days, hours or minutes', false],
    ['  WORD        Reason of the restart', false],
    ['% Incomplete command: minutes', false],
    ['  <cr>', false],
  ])('is a number of minutes in %s: %s', (line, is) => {
    expect(takesMinutes('reload in ').isMetBy([line])).toBe(is);
  });

  it('is not minutes where another line says seconds', () => {
    expect(takesMinutes('reload in ').isMetBy(['  <1-60>  minutes', '  <1-60>  seconds'])).toBe(false);
  });
});
