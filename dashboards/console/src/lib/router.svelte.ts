/**
 * The address is the state: path, and a query for place, zoom, selection, filters and time. Plain `<a href="/sites">`
 * works everywhere: clicks inside the console are caught here.
 */
class Router {
  path: string = $state(location.pathname);
  query: URLSearchParams = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  /** Goes to `/sites?state=down`. */
  go(to: string, options: { readonly replace?: boolean } = {}): void {
    const url = new URL(to, location.origin);
    const address = url.pathname + url.search;
    if (address !== location.pathname + location.search) {
      history[options.replace === true ? 'replaceState' : 'pushState'](null, '', address);
    }
    const samePage = url.pathname === this.path;
    this.#read();
    if (!samePage) document.getElementById('main')?.scrollTo(0, 0);
  }

  /** Sets or (null) removes parts of the query on the same page; replaces the entry in the history unless told. */
  setQuery(changes: Readonly<Record<string, string | number | null>>, options: { readonly push?: boolean } = {}): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') query.delete(name);
      else query.set(name, String(value));
    }
    const text = query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
    this.go(location.pathname + (text === '' ? '' : '?' + text), { replace: options.push !== true });
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.target !== '' || link.hasAttribute('download')) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || url.pathname.startsWith('/api/') || url.hash !== '') return;
    event.preventDefault();
    this.go(url.pathname + url.search);
  }
}

export const router = new Router();
