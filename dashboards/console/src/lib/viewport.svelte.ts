const query = matchMedia('(width < 900px)');

/** Whether the page is as narrow as a phone's: lists become cards, the rail a tab bar. */
class Viewport {
  phone: boolean = $state(query.matches);

  constructor() {
    query.addEventListener('change', (event) => (this.phone = event.matches));
  }
}

export const viewport = new Viewport();
