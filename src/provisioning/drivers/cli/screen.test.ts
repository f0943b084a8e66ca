import { describe, expect, it } from 'vitest';
import { Screen, screenBounds, TooMuchText } from './screen.ts';

const written = (...chunks: (string | Uint8Array)[]): Screen => {
  const screen = new Screen();
  for (const chunk of chunks) screen.write(Buffer.from(chunk));
  return screen;
};

describe('what a device writes', () => {
  it('is read as lines, and the line on which the cursor stands', () => {
    const screen = written('sw1#show clock\r\n10:00:00\r\nsw1#');
    expect(screen.lines).toEqual(['sw1#show clock', '10:00:00']);
    expect(screen.current).toBe('sw1#');
  });

  it.each([
    ['backspaces', ' --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b hostname sw1\r\n'],
    ['a return', ' --More-- \r          \r hostname sw1\r\n'],
    ['an escape sequence', '  ---- More ----\u001b[16D                \u001b[16D\r hostname sw1\r\n'],
  ])('loses its paging, taken away by %s', (_, text) => {
    expect(written(text).lines).toEqual([' hostname sw1']);
  });

  it('steers nothing, however its escape sequences are cut in two', () => {
    const text = '\u001b]0;judul\u0007a\u001b[2Jb\u001b[1;31mc\u001b(Bd\r\n';
    for (let cut = 0; cut < text.length; cut += 1) {
      expect(written(text.slice(0, cut), text.slice(cut)).lines).toEqual(['abcd']);
    }
  });

  it('may be cut within a letter', () => {
    const bytes = Buffer.from('Ulawéng ✓\n');
    for (let cut = 0; cut < bytes.length; cut += 1) {
      expect(written(bytes.subarray(0, cut), bytes.subarray(cut)).lines).toEqual(['Ulawéng ✓']);
    }
  });

  it('is refused when a line does not end, or an answer', () => {
    expect(() => written('x'.repeat(screenBounds.line + 1))).toThrow(TooMuchText);
    const line = `${'x'.repeat(60_000)}\n`;
    const screen = new Screen();
    expect(() => {
      for (let i = 0; i < 200; i += 1) screen.write(Buffer.from(line));
    }).toThrow(TooMuchText);
  });

  it('forgets nothing where an escape never ends', () => {
    expect(written(`\u001b[${'1;'.repeat(200)}`, 'x\n').lines[0]).toContain('x');
  });
});
