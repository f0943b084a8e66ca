import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { hardCodedTexts } from './hard-coded-texts.ts';

const textsIn = (markup: string): string[] =>
  hardCodedTexts(parse(markup, { modern: true }).fragment).map((found) => found.text);

describe('texts that are in no catalogue', () => {
  it('are found in markup and in what a person reads of attributes', () => {
    expect(textsIn('<p>Simpan</p>')).toEqual(['Simpan']);
    expect(textsIn('{#if x}<b>{y} ya</b>{/if}')).toEqual(['ya']);
    expect(textsIn('<input placeholder="Nama" class="wide" />')).toEqual(['Nama']);
    expect(textsIn('<Field label="Kode" />')).toEqual(['Kode']);
  });

  it('are not seen in catalogue calls, keys, drawings and styles', () => {
    expect(textsIn(`<p title={t('a.b')}>{t('a.b')} – {n}, <kbd>Ctrl K</kbd></p>`)).toEqual([]);
    expect(textsIn('<div style:width="{n}px" class:on={x}></div>')).toEqual([]);
    expect(textsIn('<style>p { color: red; }</style>')).toEqual([]);
  });
});
