import type { OpenCause } from './causes.ts';
import type { NetworkMap } from './network-map.ts';
import type { Selection } from './selection.svelte.ts';

/** What a cause is about: the sites that it darkens, and the ends of its link. */
export function sitesOf(cause: OpenCause): string[] {
  return [...cause.sites.map((site) => site.id), ...(cause.link ? [cause.link.a, cause.link.b] : [])];
}

/**
 * Brings what the address asks for into view: when the map is there, and whenever it asks for something else. Where the
 * address says how the map stands, that holds at first. Call it while a component is made.
 */
export function followAddress(selection: Selection, map: () => NetworkMap | null, placed: boolean): void {
  let asked = '';
  $effect(() => {
    const shown = map();
    if (!shown || selection.asked === asked) return;
    // A cause that is asked for may not have come yet.
    if (selection.asked !== '' && !selection.any) return;
    const first = asked === '';
    asked = selection.asked;
    if (asked === '' || (first && placed)) return;
    // After the panel has taken its room, so that what is shown lies beside it.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (selection.cause) shown.showSites(sitesOf(selection.cause));
        else if (selection.target) shown.show(selection.target);
      }),
    );
  });
}
