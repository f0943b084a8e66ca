import type { Map as LibreMap } from 'maplibre-gl';
import type { MapView, TerritoryView } from '../../../../src/api/views.ts';
import { boundsOfRegion, boundsOfSites, homeOf } from './bounds.ts';
import { Camera, type Padding } from './camera.ts';
import { Clusters } from './clusters.ts';
import { CutMarkers } from './cut-markers.ts';
import { cutsOf, villagesByCause, type Cut } from './cuts.ts';
import { DarkAreas } from './dark-areas.ts';
import { dress, paintIcons } from './dress.ts';
import { FeatureStates } from './feature-states.ts';
import { InView } from './in-view.ts';
import { itemsOf } from './items.ts';
import { makeLibreMap } from './libre-map.ts';
import type { MapOptions, Picture } from './map-options.ts';
import { Network } from './network.ts';
import { Overlay } from './overlay.ts';
import { targetAt, type Target } from './picking.ts';
import { Regions } from './regions.ts';
import { notUp, SLOW } from './states.ts';
import { fill, fillGround, fillPlaces } from './sources.ts';
import { styleOf } from './style.ts';
import { TileRetry } from './tile-retry.ts';
import { readTokens, type Token } from './tokens.ts';
import { CLUSTERS, CLUSTERS_ON_PHONE, MID } from './zooms.ts';

const clustersUntil = (phone: boolean) => (phone ? CLUSTERS_ON_PHONE : CLUSTERS);

/**
 * The map of the network. Territories, links and dots are MapLibre's and change by feature-state only; names and chips
 * stand on a canvas above. States are kept here and never read back: a lost WebGL context forgets them all.
 */
export class NetworkMap {
  readonly map: LibreMap;
  readonly camera: Camera;
  readonly #options: MapOptions;
  readonly #states: FeatureStates;
  readonly #cutMarkers: CutMarkers;
  readonly #overlay: Overlay;
  readonly #areas: DarkAreas;
  readonly #tiles: TileRetry;
  #words: MapOptions['words'];
  #territory: TerritoryView;
  #regions: Regions;
  #view: MapView;
  #network: Network;
  #inView: InView;
  #clusters: Clusters;
  #picture: Picture;
  #scope: string | null;
  #phone: boolean;
  #token: Token = readTokens();
  #selected: Target | null = null;
  #focus: string | null = null;
  #shown = { names: true, loads: true };
  /** Between a lost WebGL context and its return MapLibre has no style: nothing can be told to it. */
  #lost = false;
  #frame = 0;

  private constructor(map: LibreMap, inView: InView, network: Network, options: MapOptions) {
    this.map = map;
    this.#inView = inView;
    this.#options = options;
    this.#words = options.words;
    this.#territory = options.territory;
    this.#regions = new Regions(options.territory);
    this.#view = options.view;
    this.#network = network;
    this.#clusters = new Clusters(network);
    this.#areas = new DarkAreas(options.territory);
    this.#tiles = new TileRetry(map, 'territory');
    this.#picture = options.picture;
    this.#scope = options.scope;
    this.#phone = options.phone;
    const home = homeOf(options.territory, network, options.scope);
    this.camera = new Camera(map, { home, padding: options.padding, fitted: options.place === null });
    this.#states = new FeatureStates(map);
    this.#cutMarkers = new CutMarkers(map, (id) => options.onselect({ kind: 'link', id }));
    this.#overlay = new Overlay(map, this.#token);
    this.#overlay.taken = () => this.#cutMarkers.boxes();
    this.#overlay.padding = options.padding;
  }

  /** Throws where WebGL2 is refused. */
  static async create(options: MapOptions): Promise<NetworkMap> {
    const { territory, phone, scope } = options;
    const network = new Network(options.view);
    const inView = new InView(network);
    const style = styleOf(readTokens(), territory, network, inView.seen, clustersUntil(phone));
    const map = await makeLibreMap(options, homeOf(territory, network, scope), style);
    const self = new NetworkMap(map, inView, network, options);
    await self.#paintIcons();
    self.#listen();
    self.#look();
    self.#apply();
    return self;
  }

  get network(): Network {
    return this.#network;
  }

  remove(): void {
    cancelAnimationFrame(this.#frame);
    this.#tiles.stop();
    this.#cutMarkers.remove();
    this.map.remove();
  }

  setView(view: MapView): void {
    if (view === this.#view) return;
    this.#view = view;
    this.#network = new Network(view);
    this.#clusters = new Clusters(this.#network);
    this.#inView = new InView(this.#network);
    this.#inView.keep(this.#selected);
    if (!this.#look()) this.#fill();
    this.#areas.forget();
    this.#later();
  }

  setTerritory(territory: TerritoryView): void {
    if (territory.version === this.#territory.version) return;
    this.#territory = territory;
    this.#regions = new Regions(territory);
    this.#areas.setTerritory(territory);
    if (!this.#lost) fillGround(this.map, territory);
    this.setScope(this.#scope);
    this.#later();
  }

  setScope(scope: string | null): void {
    this.#scope = scope;
    this.camera.setHome(homeOf(this.#territory, this.#network, scope));
  }

  setPicture(picture: Picture): void {
    this.#picture = picture;
    this.#later();
  }

  setWords(words: MapOptions['words']): void {
    this.#words = words;
    this.#later();
  }

  setRoom(padding: Padding, phone: boolean): void {
    this.#overlay.padding = padding;
    this.camera.setPadding(padding);
    if (phone === this.#phone) return;
    this.#phone = phone;
    this.#tellZoom();
    this.#restyle();
    this.#later();
  }

  showLayers(shown: { readonly names: boolean; readonly loads: boolean }): void {
    this.#shown = { ...shown };
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
    this.#inView.keep(target);
    this.#later();
    if (this.#lost) {
      this.#selected = target;
      return;
    }
    if (before && before.kind !== 'district') this.#states.set(before.kind, before.id, { select: false });
    this.#selected = target;
    if (target && target.kind !== 'district') this.#states.set(target.kind, target.id, { select: true });
    this.#setFocus(target?.kind === 'district' ? target.id : null);
  }

  /** Brings a target into the free part of the map; stays where it is when the target is well in view already. */
  show(target: Target): void {
    if (target.kind === 'district') {
      const box = boundsOfRegion(this.#territory, target.id);
      if (box) this.camera.fitBounds(box);
    } else if (target.kind === 'site') {
      const site = this.#network.siteById.get(target.id);
      if (site) this.camera.show(site.longitude, site.latitude);
    } else {
      const link = this.#network.linkById.get(target.id);
      if (link) this.showSites([link.a, link.b]);
    }
  }

  /** All of them in view; `close`: and as near as they fit. */
  showSites(ids: Iterable<string>, close = false): void {
    const box = boundsOfSites(this.#network, ids);
    if (box && close) this.camera.fitBounds(box);
    else if (box) this.camera.bringIntoView(box);
  }

  // ---- inner life

  #listen(): void {
    const { map } = this;
    map.on('click', ({ point }) => this.#click(point.x, point.y));
    map.on('mousemove', ({ point }) => {
      const cluster = this.#clusterAt(point.x, point.y);
      const target = cluster ? null : targetAt(map, this.#network, point.x, point.y, false);
      map.getCanvas().style.cursor = target || cluster ? 'pointer' : '';
      this.#options.onhover(target, point.x, point.y);
    });
    map.on('mouseout', () => this.#options.onhover(null, 0, 0));
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      this.#options.onmove(this.camera.fitted ? null : { longitude: lng, latitude: lat, zoom: map.getZoom() });
    });
    // Whether a cut link is short on the screen changes with the zoom.
    map.on('zoomend', () => this.#later());
    map.on('zoom', () => this.#tellZoom());
    map.on('move', () => this.#look() && this.#apply());
    this.#tellZoom();
    map.on('webglcontextlost', () => (this.#lost = true));
    map.on('webglcontextrestored', () => void map.once('idle', () => this.#applyAgain()));
    map.on('error', ({ error }) => {
      if (error instanceof Error && error.name === 'GPUInitializationError') this.#options.onfallback();
    });
  }

  #click(x: number, y: number): void {
    const cluster = this.#clusterAt(x, y);
    if (cluster) this.camera.goTo(cluster.longitude, cluster.latitude, this.map.getZoom() + 1.6);
    else this.#options.onselect(targetAt(this.map, this.#network, x, y, true));
  }

  #clusterAt(x: number, y: number) {
    return this.map.getZoom() < clustersUntil(this.#phone) ? this.#overlay.clusterAt(x, y) : null;
  }

  /** At most once a frame. */
  #later(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#look();
      this.#apply();
    });
  }

  /** Gives MapLibre what has come into view; whether anything has. */
  #look(): boolean {
    if (this.#lost) return false;
    const [[west, south], [east, north]] = this.map.getBounds().toArray();
    const other = this.#inView.look([west, south, east, north], this.map.getZoom(), clustersUntil(this.#phone));
    if (other) this.#fill();
    return other;
  }

  #fill(): void {
    if (!this.#lost) fillPlaces(this.map, this.#inView.seen, this.#network);
  }

  /** After a lost context: MapLibre has forgotten every state, so all are new. */
  #applyAgain(): void {
    this.#lost = false;
    this.#look();
    this.#fill();
    this.#restyle();
    void this.#paintIcons();
    this.#states.forget();
    this.#areas.forget();
    const selected = this.#selected;
    this.#selected = null;
    this.#focus = null;
    this.select(selected);
    this.#apply();
  }

  #apply(): void {
    if (this.#lost) return;
    this.#states.paintSites(this.#picture.sites, this.#network);
    const rim = this.#areas.update(this.#states.tiles, this.#network);
    if (rim) fill(this.map, 'rim', rim);
    // What becomes of links follows the places' own states, whatever layer is drawn.
    const ways = notUp(this.#picture.ways ?? this.#picture.sites);
    const { cuts, lines, dead } = cutsOf(this.#network, this.#picture.links, ways, this.#pixelsBetween);
    const cutIds = cuts.map((cut) => cut.linkId);
    const { links, regencies } = this.#inView.seen;
    this.#states.paintLinks(links, this.#picture.links, { cut: cutIds, dead });
    const focus = this.#focus;
    this.#states.recede(focus, focus === null ? [] : this.#regions.territories(regencies));
    const behind = villagesByCause(this.#picture.sites, this.#network);
    const changed = this.#cutMarkers.draw(cuts, (cut) => ({
      text: this.#words.cutAt(cut.since),
      dark: behind.has(cut.linkId) ? this.#words.dark(behind.get(cut.linkId) ?? 0) : null,
      label: this.#words.cutLabel(cut.linkId),
    }));
    if (changed) fill(this.map, 'cut', lines);
    this.#write(cuts, new Set([...cutIds, ...dead]));
  }

  #pixelsBetween = (a: readonly [number, number], b: readonly [number, number]): number => {
    const [p, q] = [this.map.project([a[0], a[1]]), this.map.project([b[0], b[1]])];
    return Math.hypot(p.x - q.x, p.y - q.y);
  };

  #write(cuts: readonly Cut[], silentLinks: ReadonlySet<string>): void {
    this.#overlay.set(
      itemsOf({
        network: this.#network,
        seen: this.#inView.seen,
        clusters: this.#clusters,
        regions: this.#regions,
        neighbours: this.#territory.neighbours,
        token: this.#token,
        states: notUp(this.#picture.sites, SLOW),
        linkOf: (id) => this.#picture.links.get(id),
        silentLinks,
        areas: this.#areas.list,
        cuts: cuts.map((cut) => cut.at),
        clustersUntil: clustersUntil(this.#phone),
        focus: this.#focus,
        showNames: this.#shown.names,
        showLoads: this.#shown.loads,
        words: this.#words,
      }),
    );
  }

  #setFocus(code: string | null): void {
    if (code === this.#focus) return;
    if (this.#focus !== null) this.#states.setTerritory('district', this.#focus, { focus: false });
    if (code !== null) this.#states.setTerritory('district', code, { focus: true });
    this.#focus = code;
    this.#later();
  }

  /** For the style sheet: what HTML over the map shows depends on how far the map is away. */
  #tellZoom(): void {
    const zoom = this.map.getZoom();
    const level = zoom < clustersUntil(this.#phone) ? 'clusters' : zoom < MID ? 'far' : 'near';
    if (level === this.#cutMarkers.level) return;
    this.#options.container.dataset['zoom'] = level;
    this.#cutMarkers.level = level;
  }

  #restyle(): void {
    if (!this.#lost) dress(this.map, this.#token, clustersUntil(this.#phone));
  }

  async #paintIcons(): Promise<void> {
    if (this.#lost) return;
    const token = this.#token;
    this.#overlay.retheme(token, await paintIcons(this.map, token));
  }
}
