import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DifferenceBlock, TextDifference } from '../../domain/text-difference.ts';
import { differenceOf, type MaskedText } from './difference.ts';

const plain = (text: string): MaskedText => ({ clear: text, masked: text });
const base = [
  '# by RouterOS 7.18.2',
  '/ip address',
  ...Array.from({ length: 20 }, (_, i) => `add address=10.0.${i}.1/24 interface=ether1`),
  '/system identity',
  'set name=rtr-kahu-01',
];
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** One side of a difference, put together again; `hidden` lines are taken from the text. */
function sideOf({ blocks }: TextDifference, side: 'before' | 'after', lines: readonly string[]): string[] {
  return blocks.flatMap((block: DifferenceBlock): string[] => {
    if (block.kind === 'same') return block.lines;
    if (block.kind === 'hidden') return lines.slice(block[side] - 1, block[side] - 1 + block.count);
    return block.rows.flatMap((row) => (row[side] === null ? [] : [row[side].parts.map(({ text: part }) => part).join('')])); // prettier-ignore
  });
}

describe('the difference of two configurations', () => {
  it('marks the words of a line that changed, and folds what did not', () => {
    const other = base.with(12, 'add address=10.0.99.1/24 interface=ether1');
    const { summary, blocks } = differenceOf(plain(text(base)), plain(text(other)));
    expect(summary).toEqual({ added: 0, removed: 0, changed: 1, headings: ['/ip address'] });
    expect(blocks.map(({ kind }) => kind)).toEqual(['hidden', 'same', 'changed', 'same', 'hidden']);
    expect(blocks[2]).toEqual({
      kind: 'changed',
      heading: '/ip address',
      rows: [
        {
          before: {
            line: 13,
            parts: [
              { text: 'add address=', mark: 'same' },
              { text: '10.0.10.1/24', mark: 'changed' },
              { text: ' interface=ether1', mark: 'same' },
            ],
          },
          after: {
            line: 13,
            parts: [
              { text: 'add address=', mark: 'same' },
              { text: '10.0.99.1/24', mark: 'changed' },
              { text: ' interface=ether1', mark: 'same' },
            ],
          },
        },
      ],
    });
  });

  it('tells a line that came from one that went, and where', () => {
    const other = base.toSpliced(5, 1).toSpliced(21, 0, '/system note', 'set note=baru');
    const { summary } = differenceOf(plain(text(base)), plain(text(other)));
    expect(summary).toEqual({ added: 2, removed: 1, changed: 0, headings: ['/ip address', '/system note'] });
  });

  it('is nothing for the same text, and everything for the first', () => {
    const same = differenceOf(plain(text(base)), plain(text(base)));
    expect(same.summary).toEqual({ added: 0, removed: 0, changed: 0, headings: [] });
    expect(same.blocks).toEqual([{ kind: 'hidden', before: 1, after: 1, heading: null, count: base.length }]);
    expect(differenceOf(plain(''), plain(text(base))).summary.added).toBe(base.length);
  });

  it('puts both texts together again, whatever they are', () => {
    const lines = array(constantFrom('/ip address', 'add a=1', 'add a=2 b=3', 'set x=""', '', ' y'), { maxLength: 30 }); // prettier-ignore
    assert(
      property(lines, lines, (a, b) => {
        const found = differenceOf(plain(text(a)), plain(text(b)));
        expect(sideOf(found, 'before', a).join('\n')).toBe(a.join('\n'));
        expect(sideOf(found, 'after', b).join('\n')).toBe(b.join('\n'));
      }),
    );
  });

  it('tells that a secret is another, which one, and neither value', () => {
    const lineOf = (key: string, psk: string): MaskedText => ({
      clear: `/interface wireguard peers\nadd comment="a b" private-key="${key}" preshared-key="${psk}"\n`,
      masked: '/interface wireguard peers\nadd comment="a b" private-key=••• preshared-key=•••\n',
    });
    const found = differenceOf(lineOf('kunci-lama', 'sama'), lineOf('kunci-baru', 'sama'));
    expect(found.summary.changed).toBe(1);
    const changed = found.blocks.find(({ kind }) => kind === 'changed');
    expect(changed?.kind === 'changed' ? changed.rows[0]?.after?.parts : null).toEqual([
      { text: 'add comment="a b" private-key=', mark: 'same' },
      { text: '•••', mark: 'secret' },
      { text: ' preshared-key=•••', mark: 'same' },
    ]);
    for (const secret of ['kunci-lama', 'kunci-baru', 'sama']) expect(JSON.stringify(found)).not.toContain(secret);
    expect(differenceOf(lineOf('kunci-lama', 'sama'), lineOf('kunci-lama', 'sama')).summary.changed).toBe(0);
  });

  it('shows no secret either where its masked line has fewer words', () => {
    const before = { clear: 'key rahasia satu\n', masked: 'key •••\n' };
    const after = { clear: 'key rahasia dua\n', masked: 'key •••\n' };
    const found = differenceOf(before, after);
    expect(found.summary.changed + found.summary.added).toBeGreaterThan(0);
    expect(JSON.stringify(found)).not.toContain('rahasia');
  });

  it('is found in 20,000 lines of which every other one changed, before anybody waits', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `add address=10.${i >> 8}.${i & 255}.1 list=blok comment=b${i}`,
    );
    const other = lines.map((line, i) => (i % 2 === 0 ? line : line.replace('blok', 'izin')));
    const begun = performance.now();
    expect(differenceOf(plain(text(lines)), plain(text(other))).summary.changed).toBe(10_000);
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
