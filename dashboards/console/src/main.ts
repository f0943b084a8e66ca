import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import '@fontsource-variable/atkinson-hyperlegible-mono/wght.css';
import { mount } from 'svelte';
import App from './App.svelte';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/map.css';
import './styles/print.css';

const target = document.getElementById('console');
if (target) {
  // What stood there while this was fetched.
  target.replaceChildren();
  mount(App, { target });
}
