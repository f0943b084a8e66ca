const prefixes =
  /^(kantor (camat|desa|kelurahan|lurah)|kecamatan|kec\.|kelurahan|kel\.|desa|pusat data|data cent(er|re)|pop)\s+/i;

/** The place alone, as people call it: `Kantor Camat Kahu` is Kahu, `POP Palattae` Palattae, a data centre its town. */
export function placeName(siteName: string): string {
  const short = siteName.replace(prefixes, '');
  return short === '' ? siteName : short;
}

/** A link by the places that it joins: `Palattae–Kahu`; by the whole names of two sites of one place. */
export function linkPlaces(a: string, b: string): string {
  const [from, to] = [placeName(a), placeName(b)];
  return from === to ? `${a}–${b}` : `${from}–${to}`;
}
