import type { LinkMedium } from '../../src/domain/link.ts';

/**
 * The roads that carry the backbone. Ends are district names, or `dc` and the POPs. Rings north (Awangpone, Tellu
 * Siattinge, Pompanua, Ajangale, Amali, Ulaweng, Palakka), south (Barebbo, Cina, Mare, Tonra, Salomekko, Palattae,
 * Patimpeng, Libureng, Camming, Ponre) and west (Ulaweng, Bengo, Lappariaja, Lamuru); Kahu, Kajuara, Cenrana and
 * Sibulue hang on one fibre, Tellulimpoe and Bontocani on a radio.
 */
export const trunks: readonly (readonly [a: string, b: string, medium: LinkMedium, gbps: number])[] = [
  ['dc', 'Tanete Riattang', 'fibre', 10],
  ['dc', 'Tanete Riattang Barat', 'fibre', 10],
  ['dc', 'Tanete Riattang Timur', 'fibre', 10],
  ['dc', 'Barebbo', 'fibre', 10],
  ['dc', 'Awangpone', 'fibre', 10],
  ['Awangpone', 'Tellu Siattinge', 'fibre', 10],
  ['Tellu Siattinge', 'Dua Boccoe', 'fibre', 10],
  ['Dua Boccoe', 'pompanua', 'fibre', 10],
  ['pompanua', 'Ajangale', 'fibre', 10],
  ['Ajangale', 'Amali', 'fibre', 10],
  ['Amali', 'Ulaweng', 'fibre', 10],
  ['Ulaweng', 'Palakka', 'fibre', 10],
  ['Palakka', 'Tanete Riattang Barat', 'fibre', 10],
  ['Barebbo', 'Cina', 'fibre', 10],
  ['Cina', 'Mare', 'fibre', 10],
  ['Mare', 'Tonra', 'fibre', 1],
  ['Tonra', 'Salomekko', 'fibre', 1],
  ['Salomekko', 'palattae', 'fibre', 1],
  ['palattae', 'Patimpeng', 'fibre', 1],
  ['Patimpeng', 'Libureng', 'fibre', 1],
  ['Libureng', 'camming', 'fibre', 10],
  ['camming', 'Ponre', 'fibre', 10],
  ['Ponre', 'Cina', 'fibre', 10],
  ['Ulaweng', 'Bengo', 'fibre', 10],
  ['Bengo', 'Lappariaja', 'fibre', 10],
  ['Lappariaja', 'Lamuru', 'fibre', 1],
  ['Lamuru', 'Ulaweng', 'fibre', 1],
  ['Bengo', 'Libureng', 'fibre', 10],
  ['Cina', 'Sibulue', 'fibre', 1],
  ['Salomekko', 'Kajuara', 'fibre', 1],
  ['Dua Boccoe', 'Cenrana', 'fibre', 1],
  ['palattae', 'Kahu', 'fibre', 1],
  ['Lappariaja', 'Tellulimpoe', 'radio', 0.4],
  ['Libureng', 'Bontocani', 'radio', 0.4],
];

/** Points of presence: slug, name, the village they stand in (by district and village name). */
export const pops: readonly (readonly [slug: string, name: string, district: string, village: string])[] = [
  ['palattae', 'POP Palattae', 'Kahu', 'Palattae'],
  ['camming', 'POP Camming', 'Libureng', 'Tanah Batue'],
  ['pompanua', 'POP Pompanua', 'Ajangale', 'Pompanua'],
];

/** Links that share a duct or a pole: what one digger or one truck takes away together. */
export const conduits: readonly (readonly [name: string, kind: 'duct' | 'pole', links: readonly string[]])[] = [
  ['Duct Jl. Ahmad Yani', 'duct', ['dc--tanete-riattang', 'dc--tanete-riattang-barat']],
  ['Duct Jl. Yos Sudarso', 'duct', ['dc--tanete-riattang-timur', 'dc--barebbo']],
  ['Duct Taccipi', 'duct', ['amali--ulaweng', 'ulaweng--palakka']],
  ['Tiang Jembatan Palattae', 'pole', ['salomekko--palattae', 'palattae--patimpeng']],
  ['Tiang Jembatan Walanae', 'pole', ['pompanua--ajangale', 'dua-boccoe--pompanua']],
];

export const town: ReadonlySet<string> = new Set(['Tanete Riattang', 'Tanete Riattang Barat', 'Tanete Riattang Timur']);
