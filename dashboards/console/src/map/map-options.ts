import type { MapView, TerritoryView } from '../../../../src/api/views.ts';
import type { LinkView } from '../../../../src/live/messages.ts';
import type { Padding } from './camera.ts';
import type { Writing } from './items.ts';
import type { Target } from './picking.ts';
import type { MapStateView } from './states.ts';

export interface Picture {
  /** Sites that are not up. */
  readonly sites: ReadonlyMap<string, MapStateView>;
  /** Where `sites` shows what places have of a service: their own states, which say what becomes of links. */
  readonly ways?: ReadonlyMap<string, MapStateView>;
  readonly links: ReadonlyMap<string, LinkView>;
}

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

export interface MapOptions {
  readonly container: HTMLElement;
  readonly territory: TerritoryView;
  readonly view: MapView;
  readonly picture: Picture;
  /** Code of the region that the reader chose to look at. */
  readonly scope: string | null;
  readonly padding: Padding;
  readonly place: Place | null;
  readonly phone: boolean;
  /** A picture that nobody touches, enlarged so many times by its page: as many more pixels. Null: a map. */
  readonly still: number | null;
  readonly words: Writing['words'] & {
    readonly cutAt: (since: number) => string;
    readonly cutLabel: (linkId: string) => string;
  };
  readonly onselect: (target: Target | null) => void;
  readonly onhover: (target: Target | null, x: number, y: number) => void;
  /** Where the map stands; null while it shows the whole region. */
  readonly onmove: (place: Place | null) => void;
  /** WebGL2 was refused or could not be restored: show the table. */
  readonly onfallback: () => void;
}
