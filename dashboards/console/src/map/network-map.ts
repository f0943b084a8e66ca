import { GeoJSONSource, Map as LibreMap, Marker, setWorkerUrl, type StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { MapView, TerritoryView } from '../../../../src/api/views.ts';
import type { LinkView, StateView } from '../../../../src/live/messages.ts';
import { cutMark, type CutBox } from './cut-mark.ts';
import { cutsOf, type Cut } from './cuts.ts';
import { emptyCollection, graticule, linkFeatures, siteFeatures } from './geojson.ts';
import { drawIcons } from './icons.ts';
import { itemsOf, type Writing } from './items.ts';
import { layers, linkLayers, patternLayers, siteLayers } from './layers.ts';
import { Network } from './network.ts';
import { fontsUsed, Overlay } from './overlay.ts';
import { inside, Rims, type DarkArea } from './rim.ts';
import { codeOf, DARK, UP, worse, type StateCode } from './states.ts';
import { readTokens, type Token } from './tokens.ts';
import { CLOSEST, CLUSTERS, CLUSTERS_ON_PHONE, FAREST, MID } from './zooms.ts';

export type Target =
  { readonly kind: 'site' | 'link'; readonly id: string } | { readonly kind: 'district'; readonly id: string };

export interface Padding {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

export interface Picture {
  /** Sites that are not up. */
  readonly sites: ReadonlyMap<string, StateView>;
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
  readonly padding: Padding;
  readonly place: Place | null;
  readonly phone: boolean;
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

/**
 * The map of the network. Territories, links and dots are MapLibre's and change by feature-state only; names and chips
 * stand on a canvas above. States are kept here and never read back: a lost WebGL context forgets them all.
 */
export class NetworkMap {
  readonly map: LibreMap;
  readonly #options: MapOptions;
  #words: MapOptions['words'];
  #territory: TerritoryView;
  #network: Network;
  #rims: Rims;
  #picture: Picture;
  #token: Token = readTokens();
  #overlay: Overlay | null = null;
  #cuts: readonly Cut[] = [];
  #silent: ReadonlySet<string> = new Set();
  #areas: { area: DarkArea; villages: number }[] = [];
  #darkCodes = new Set<string>();
  #selected: Target | null = null;
  #focus: string | null = null;
  #layersShown = { names: true, loads: true };
  #padding: Padding;
  #phone: boolean;
  /** It shows the whole region, in whatever room is left: a panel that opens moves it aside. */
  #fitted: boolean;
  #frame = 0;
  #cutsDrawn = '';
  #markers: { marker: Marker; boxes: () => readonly CutBox[] }[] = [];
  readonly #tiles = new Map<string, StateCode>();
  readonly #sites = new Map<string, StateCode>();
  readonly #loads = new Map<string, number>();
  readonly #flags = new Map<string, { cut: boolean; dead: boolean }>();

  private constructor(map: LibreMap, options: MapOptions) {
    this.map = map;
    this.#options = options;
    this.#words = options.words;
    this.#territory = options.territory;
    this.#network = new Network(options.view);
    this.#rims = new Rims(options.territory);
    this.#picture = options.picture;
    this.#padding = options.padding;
    this.#phone = options.phone;
    this.#fitted = options.place === null;
  }

  /** Throws where WebGL2 is refused. */
  static async create(options: MapOptions): Promise<NetworkMap> {
    setWorkerUrl(workerUrl);
    await Promise.all(fontsUsed.map((font) => document.fonts.load(font)));
    const token = readTokens();
    const { container, territory, place, padding, phone } = options;
    const network = new Network(options.view);
    const map = new LibreMap({
      container,
      style: styleOf(token, territory, network, clustersUntil(phone)),
      ...(place
        ? { center: [place.longitude, place.latitude], zoom: place.zoom }
        : { bounds: [...territory.bounds], fitBoundsOptions: { padding: { ...padding } } }),
      minZoom: FAREST,
      maxZoom: CLOSEST,
      attributionControl: false,
      fadeDuration: 0,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      renderWorldCopies: false,
      keyboard: false,
      canvasContextAttributes: { antialias: false },
    });
    map.touchZoomRotate.disableRotation();
    // The canvas is a picture; the region around it is what the keyboard reaches.
    map.getCanvas().removeAttribute('tabindex');
    map.getCanvas().setAttribute('aria-hidden', 'true');
    const self = new NetworkMap(map, options);
    await map.once('style.load');
    await self.#begin();
    return self;
  }

  get network(): Network {
    return this.#network;
  }

  remove(): void {
    cancelAnimationFrame(this.#frame);
    for (const { marker } of this.#markers) marker.remove();
    this.map.remove();
  }

  setView(view: MapView): void {
    this.#network = new Network(view);
    this.#source('site')?.setData(siteFeatures(this.#network));
    this.#source('link')?.setData(linkFeatures(this.#network));
    this.#later();
  }

  setTerritory(territory: TerritoryView): void {
    if (territory.version === this.#territory.version) return;
    this.#territory = territory;
    this.#rims = new Rims(territory);
    const source = this.map.getSource('territory');
    if (source && 'setTiles' in source && typeof source.setTiles === 'function')
      source.setTiles([absolute(territory.tiles)]);
    this.#darkCodes = new Set(['stale']);
    this.#later();
  }

  setPicture(picture: Picture): void {
    this.#picture = picture;
    this.#later();
  }

  setWords(words: MapOptions['words']): void {
    this.#words = words;
    this.#later();
  }

  setPadding(padding: Padding, phone: boolean): void {
    const same = JSON.stringify(padding) === JSON.stringify(this.#padding);
    this.#padding = padding;
    if (this.#overlay) this.#overlay.padding = padding;
    if (!same && this.#fitted) this.fit();
    if (phone === this.#phone) return;
    this.#phone = phone;
    this.#tellZoom();
    this.#restyle();
    this.#later();
  }

  showLayers(shown: { readonly names: boolean; readonly loads: boolean }): void {
    this.#layersShown = { ...shown };
    this.#later();
  }

  setTheme(): void {
    this.#token = readTokens();
    this.#restyle();
    void this.#paintIcons();
    this.#later();
  }

  select(target: Target | null): void {
    const before = this.#selected;
    if (target?.kind === before?.kind && target?.id === before?.id) return;
    if (before?.kind === 'site') this.#state('site', before.id, { select: false });
    if (before?.kind === 'link') this.#state('link', before.id, { select: false });
    this.#selected = target;
    if (target?.kind === 'site') this.#state('site', target.id, { select: true });
    if (target?.kind === 'link') this.#state('link', target.id, { select: true });
    this.#setFocus(target?.kind === 'district' ? target.id : null);
  }

  /** Brings a target into the free part of the map; stays where it is when the target is well in view already. */
  show(target: Target): void {
    const box = this.#boundsOf(target);
    if (!box) return;
    const [west, south, east, north] = box;
    const small = east - west < 0.02 && north - south < 0.02;
    if (small) {
      const centre: [number, number] = [(west + east) / 2, (south + north) / 2];
      const at = this.map.project(centre);
      const { clientWidth, clientHeight } = this.map.getCanvas();
      const { top, right, bottom, left } = this.#padding;
      const inView =
        at.x > left + 24 && at.x < clientWidth - right - 24 && at.y > top + 24 && at.y < clientHeight - bottom - 24;
      // Shown whole, everything is in view, or will be when the panel has taken its room.
      if (this.#fitted || inView) return;
      this.#fitted = false;
      this.map.easeTo({
        center: centre,
        zoom: Math.max(this.map.getZoom(), MID + 0.4),
        offset: [(left - right) / 2, (top - bottom) / 2],
        duration: this.#ease(),
      });
    } else if (target.kind === 'link') this.bringIntoView(endsOf(this.#network, target.id));
    else this.fitBounds(box);
  }

  fit(): void {
    this.fitBounds(this.#territory.bounds);
    this.#fitted = true;
  }

  fitSites(ids: Iterable<string>): void {
    const box = this.#boundsOfSites(ids);
    if (box) this.fitBounds(box);
  }

  /** Moves only when some of the sites lie outside of the free part, and no further than it takes. */
  bringIntoView(ids: Iterable<string>): void {
    const box = this.#boundsOfSites(ids);
    if (!box || this.#fitted) return;
    const [a, b] = [this.map.project([box[0], box[3]]), this.map.project([box[2], box[1]])];
    const { clientWidth, clientHeight } = this.map.getCanvas();
    const { top, right, bottom, left } = this.#padding;
    const [width, height] = [clientWidth - left - right, clientHeight - top - bottom];
    if (b.x - a.x > width || b.y - a.y > height || b.x - a.x < 40) return this.fitBounds(box);
    const past = (low: number, high: number, from: number, to: number) =>
      Math.min(0, low - from) + Math.max(0, high - to);
    this.panBy(past(a.x, b.x, left, left + width), past(a.y, b.y, top, top + height));
  }

  #boundsOfSites(ids: Iterable<string>): [number, number, number, number] | null {
    const sites = [...ids].flatMap((id) => this.#network.siteById.get(id) ?? []);
    if (sites.length === 0) return null;
    const [lons, lats] = [sites.map((s) => s.longitude), sites.map((s) => s.latitude)];
    const margin = 0.03;
    return [
      Math.min(...lons) - margin,
      Math.min(...lats) - margin,
      Math.max(...lons) + margin,
      Math.max(...lats) + margin,
    ];
  }

  fitBounds(bounds: readonly [number, number, number, number]): void {
    this.#fitted = false;
    this.map.fitBounds([...bounds], { padding: { ...this.#padding }, duration: this.#ease(), maxZoom: CLOSEST - 1 });
  }

  zoomBy(steps: number): void {
    this.#fitted = false;
    this.map.easeTo({ zoom: this.map.getZoom() + steps, duration: this.#ease() });
  }

  panBy(x: number, y: number): void {
    this.#fitted = false;
    this.map.panBy([x, y], { duration: this.#ease() });
  }

  // ---- inner life

  async #begin(): Promise<void> {
    const overlay = new Overlay(this.map, this.#token);
    overlay.taken = () => this.#markers.flatMap(({ boxes }) => boxes());
    overlay.padding = this.#padding;
    this.#overlay = overlay;
    await this.#paintIcons();
    const { map } = this;
    map.on('click', (event) => this.#options.onselect(this.#targetAt(event.point.x, event.point.y, true)));
    map.on('mousemove', (event) => {
      const target = this.#targetAt(event.point.x, event.point.y, false);
      map.getCanvas().style.cursor = target ? 'pointer' : '';
      this.#options.onhover(target, event.point.x, event.point.y);
    });
    map.on('mouseout', () => this.#options.onhover(null, 0, 0));
    map.on('movestart', ({ originalEvent }) => {
      if (originalEvent) this.#fitted = false;
    });
    map.on('resize', () => {
      if (this.#fitted) this.fit();
    });
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      this.#options.onmove(this.#fitted ? null : { longitude: lng, latitude: lat, zoom: map.getZoom() });
    });
    // Whether a cut link is short on the screen changes with the zoom.
    map.on('zoomend', () => this.#later());
    map.on('zoom', () => this.#tellZoom());
    this.#tellZoom();
    map.on('webglcontextrestored', () => void map.once('idle', () => this.#applyAgain()));
    map.on('error', ({ error }) => {
      if (error instanceof Error && error.name === 'GPUInitializationError') this.#options.onfallback();
    });
    this.#apply();
  }

  /** At most once a frame. */
  #later(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#apply();
    });
  }

  /** After a lost context: MapLibre has forgotten every state, so all are new. */
  #applyAgain(): void {
    for (const map of [this.#tiles, this.#sites, this.#loads, this.#flags]) map.clear();
    this.#darkCodes = new Set(['stale']);
    const selected = this.#selected;
    this.#selected = null;
    this.#focus = null;
    this.select(selected);
    this.#apply();
  }

  #apply(): void {
    this.#applySites();
    this.#applyRim();
    this.#applyLinks();
    this.#write();
  }

  #stateOf = (siteId: string): StateCode => {
    const view = this.#picture.sites.get(siteId);
    return view ? codeOf(view.state) : UP;
  };

  #applySites(): void {
    const tiles = new Map<string, StateCode>();
    const seen = new Map<string, StateCode>();
    for (const [id, view] of this.#picture.sites) {
      const site = this.#network.siteById.get(id);
      if (!site) continue;
      const code = codeOf(view.state);
      if (code === UP) continue;
      seen.set(id, code);
      // A territory shows its village; an office in it has a dot of its own.
      if (site.kind === 'village') tiles.set(site.regionCode, worse(tiles.get(site.regionCode) ?? UP, code));
    }
    update(this.#sites, seen, UP, (id, st) => this.#state('site', id, { st }));
    update(this.#tiles, tiles, UP, (id, st) => this.#tileState(id, { st }));
    const present = new Set(this.#tiles.values());
    for (const [layer, code] of patternLayers) {
      const visibility = present.has(code) ? 'visible' : 'none';
      if (this.map.getLayoutProperty(layer, 'visibility') !== visibility) {
        this.map.setLayoutProperty(layer, 'visibility', visibility);
      }
    }
  }

  #applyRim(): void {
    const dark = new Set([...this.#tiles].filter(([, code]) => code === DARK).map(([id]) => id));
    if (dark.size === this.#darkCodes.size && [...dark].every((code) => this.#darkCodes.has(code))) return;
    this.#darkCodes = dark;
    const villages = this.#network.sites.filter((site) => site.kind === 'village' && dark.has(site.regionCode));
    this.#areas = this.#rims.areas(dark).map((area) => ({
      area,
      villages: villages.filter((site) => inside(area.rings[0] ?? [], [site.longitude, site.latitude])).length,
    }));
    this.#source('rim')?.setData({
      type: 'Feature',
      properties: {},
      geometry: { type: 'MultiPolygon', coordinates: this.#areas.map(({ area }) => area.rings) },
    });
  }

  #applyLinks(): void {
    const between = (a: readonly [number, number], b: readonly [number, number]) => {
      const [p, q] = [this.map.project([a[0], a[1]]), this.map.project([b[0], b[1]])];
      return Math.hypot(p.x - q.x, p.y - q.y);
    };
    const { cuts, lines, dead } = cutsOf(this.#network, this.#picture.links, this.#stateOf, between);
    const loads = new Map<string, number>();
    const flags = new Map<string, { cut: boolean; dead: boolean }>();
    for (const link of this.#network.links) {
      const load = this.#picture.links.get(link.id)?.loadPercent ?? null;
      if (load !== null) loads.set(link.id, Math.round(load));
      if (dead.has(link.id)) flags.set(link.id, { cut: false, dead: true });
    }
    for (const cut of cuts) flags.set(cut.linkId, { cut: true, dead: false });
    update(this.#loads, loads, -1, (id, load) => this.#state('link', id, { load }));
    update(this.#flags, flags, { cut: false, dead: false }, (id, flag) => this.#state('link', id, { ...flag }));
    this.#silent = new Set(flags.keys());
    this.#cuts = cuts;
    const texts = cuts.map((cut) => ({
      text: this.#words.cutAt(cut.since),
      dark: this.#darkBehind(cut.linkId),
      label: this.#words.cutLabel(cut.linkId),
    }));
    const key = JSON.stringify([cuts, texts]);
    if (key === this.#cutsDrawn) return;
    this.#cutsDrawn = key;
    this.#source('cut')?.setData(lines);
    for (const { marker } of this.#markers) marker.remove();
    this.#markers = cuts.map((cut, i) => this.#markerOf(cut, texts[i] ?? { text: '', dark: null, label: '' }));
  }

  #darkBehind(linkId: string): string | null {
    let villages = 0;
    for (const [id, view] of this.#picture.sites) {
      if (view.cause?.id === linkId && this.#network.siteById.get(id)?.kind === 'village') villages++;
    }
    return villages === 0 ? null : this.#words.dark(villages);
  }

  #markerOf(cut: Cut, texts: { text: string; dark: string | null; label: string }) {
    const mark = cutMark(cut, { ...texts, onopen: () => this.#options.onselect({ kind: 'link', id: cut.linkId }) });
    const marker = new Marker({ element: mark.element, anchor: 'center', subpixelPositioning: true });
    const at: [number, number] = [cut.at[0], cut.at[1]];
    marker.setLngLat(at).addTo(this.map);
    // Its size is asked for once it is there, not at every frame: a look at the layout costs more than the map.
    let known: readonly CutBox[] = [];
    let knownFor = '';
    return {
      marker,
      boxes: () => {
        const { x, y } = this.map.project(at);
        const level = this.#options.container.dataset['zoom'] ?? '';
        if (level !== knownFor) [known, knownFor] = [mark.boxes(), level];
        return known.map(([left, top, right, bottom]) => [x + left, y + top, x + right, y + bottom] as const);
      },
    };
  }

  /** For the style sheet: what HTML over the map shows depends on how far the map is away. */
  #tellZoom(): void {
    const zoom = this.map.getZoom();
    const level = zoom < clustersUntil(this.#phone) ? 'clusters' : zoom < MID ? 'far' : 'near';
    const { dataset } = this.#options.container;
    if (dataset['zoom'] !== level) dataset['zoom'] = level;
  }

  #write(): void {
    this.#overlay?.set(
      itemsOf({
        network: this.#network,
        territory: this.#territory,
        token: this.#token,
        stateOf: this.#stateOf,
        linkOf: (id) => this.#picture.links.get(id),
        silentLinks: this.#silent,
        areas: this.#areas,
        cuts: this.#cuts.map((cut) => cut.at),
        clustersUntil: clustersUntil(this.#phone),
        focus: this.#focus,
        showNames: this.#layersShown.names,
        showLoads: this.#layersShown.loads,
        words: this.#words,
      }),
    );
  }

  #setFocus(code: string | null): void {
    if (code === this.#focus) return;
    const before = this.#focus;
    this.#focus = code;
    const district = (id: string, focus: boolean) =>
      this.map.setFeatureState({ source: 'territory', sourceLayer: 'district', id }, { focus });
    if (before !== null) district(before, false);
    if (code !== null) district(code, true);
    for (const region of this.#territory.regions) {
      if (region.code.length > 8)
        this.#tileState(region.code, { recede: code !== null && !region.code.startsWith(code) });
    }
    this.#later();
  }

  #targetAt(x: number, y: number, click: boolean): Target | null {
    const reach = click ? 9 : 6;
    const near: [[number, number], [number, number]] = [
      [x - reach, y - reach],
      [x + reach, y + reach],
    ];
    const zoom = this.map.getZoom();
    const cluster = zoom < clustersUntil(this.#phone) ? this.#overlay?.clusterAt(x, y) : null;
    if (cluster) {
      if (click) this.#fitted = false;
      if (click)
        this.map.easeTo({
          center: [cluster.longitude, cluster.latitude],
          zoom: Math.min(CLOSEST, zoom + 1.6),
          duration: this.#ease(),
        });
      return click ? null : { kind: 'district', id: this.#districtAt(x, y) ?? '' };
    }
    const sites = this.map.queryRenderedFeatures(near, { layers: [...siteLayers] });
    const nearest = sites
      .flatMap((feature) => this.#network.siteById.get(String(feature.properties['id'])) ?? [])
      .map((site) => {
        const p = this.map.project([site.longitude, site.latitude]);
        return {
          site,
          away: Math.hypot(p.x - x, p.y - y) - (site.kind === 'pop' ? 4 : site.kind === 'district' ? 2 : 0),
        };
      })
      .sort((a, b) => a.away - b.away)[0];
    if (nearest) return { kind: 'site', id: nearest.site.id };
    const [link] = this.map.queryRenderedFeatures(
      [
        [x - 4, y - 4],
        [x + 4, y + 4],
      ],
      { layers: [...linkLayers] },
    );
    if (link) return { kind: 'link', id: String(link.properties['id']) };
    if (!click) return null;
    if (zoom < MID) {
      const district = this.#districtAt(x, y);
      return district === null ? null : { kind: 'district', id: district };
    }
    const [tile] = this.map.queryRenderedFeatures([x, y], { layers: ['tile'] });
    const code = tile ? String(tile.properties['id']) : null;
    const village = this.#network.sites.find((site) => site.kind === 'village' && site.regionCode === code);
    return village ? { kind: 'site', id: village.id } : null;
  }

  #districtAt(x: number, y: number): string | null {
    const [tile] = this.map.queryRenderedFeatures([x, y], { layers: ['tile'] });
    return tile ? String(tile.properties['district']) : null;
  }

  #boundsOf(target: Target): [number, number, number, number] | null {
    const points =
      target.kind === 'district'
        ? this.#territory.edges
            .filter(([left, right]) => left.startsWith(target.id) || right.startsWith(target.id))
            .flatMap(([, , line]) => pairs(line))
        : (target.kind === 'site' ? [target.id] : endsOf(this.#network, target.id))
            .flatMap((id) => this.#network.siteById.get(id) ?? [])
            .map((site): [number, number] => [site.longitude, site.latitude]);
    if (points.length === 0) return null;
    const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
    return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  }

  #restyle(): void {
    const wanted = layers(this.#token, clustersUntil(this.#phone));
    for (const layer of wanted) {
      for (const [name, value] of Object.entries(layer.paint ?? {})) {
        const property = name as never;
        if (JSON.stringify(this.map.getPaintProperty(layer.id, property)) !== JSON.stringify(value)) {
          this.map.setPaintProperty(layer.id, property, value as never);
        }
      }
      if (layer.minzoom !== undefined) this.map.setLayerZoomRange(layer.id, layer.minzoom, layer.maxzoom ?? 24);
    }
  }

  async #paintIcons(): Promise<void> {
    const bitmaps: Record<string, ImageBitmap> = {};
    for (const [name, image] of Object.entries(drawIcons(this.#token))) {
      if (this.map.hasImage(name)) this.map.updateImage(name, image);
      else this.map.addImage(name, image, { pixelRatio: 2 });
      bitmaps[name] = await createImageBitmap(image);
    }
    this.#overlay?.retheme(this.#token, bitmaps);
  }

  #source(name: string): GeoJSONSource | null {
    const source = this.map.getSource(name);
    return source instanceof GeoJSONSource ? source : null;
  }

  #state(source: 'site' | 'link', id: string, state: Record<string, unknown>): void {
    this.map.setFeatureState({ source, id }, state);
  }

  #tileState(id: string, state: Record<string, unknown>): void {
    this.map.setFeatureState({ source: 'territory', sourceLayer: 'tile', id }, state);
  }

  #ease(): number {
    return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 280;
  }
}

/** Brings `known` to `wanted`, telling only what differs; what is no longer wanted goes back to `otherwise`. */
function update<T>(
  known: Map<string, T>,
  wanted: ReadonlyMap<string, T>,
  otherwise: T,
  tell: (id: string, value: T) => void,
): void {
  const same = (a: T | undefined, b: T) => a === b || JSON.stringify(a) === JSON.stringify(b);
  for (const id of known.keys()) {
    if (wanted.has(id)) continue;
    known.delete(id);
    tell(id, otherwise);
  }
  for (const [id, value] of wanted) {
    if (same(known.get(id), value)) continue;
    known.set(id, value);
    tell(id, value);
  }
}

const clustersUntil = (phone: boolean) => (phone ? CLUSTERS_ON_PHONE : CLUSTERS);
const absolute = (path: string) => new URL(path, location.origin).href.replaceAll('%7B', '{').replaceAll('%7D', '}');

function pairs(line: readonly number[]): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i + 1 < line.length; i += 2) out.push([line[i] ?? 0, line[i + 1] ?? 0]);
  return out;
}

function endsOf(network: Network, linkId: string): string[] {
  const link = network.linkById.get(linkId);
  return link ? [link.a, link.b] : [];
}

function styleOf(token: Token, territory: TerritoryView, network: Network, until: number): StyleSpecification {
  const geojson = (data: GeoJSON.GeoJSON) => ({
    type: 'geojson' as const,
    data,
    promoteId: 'id',
    tolerance: 0.2,
    buffer: 64,
    maxzoom: 12,
  });
  return {
    version: 8,
    sources: {
      territory: {
        type: 'vector',
        tiles: [absolute(territory.tiles)],
        minzoom: 3,
        maxzoom: 11,
        promoteId: 'id',
        bounds: [...territory.bounds].map((value, i) => value + (i < 2 ? -0.5 : 0.5)) as [
          number,
          number,
          number,
          number,
        ],
      },
      graticule: geojson(graticule(territory.bounds)),
      rim: geojson(emptyCollection),
      link: geojson(linkFeatures(network)),
      cut: geojson(emptyCollection),
      site: geojson(siteFeatures(network)),
    },
    layers: layers(token, until),
    transition: { duration: 0 },
  };
}
