import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/**
 * The console is static files that the controller serves itself. Nothing is inlined and nothing comes from elsewhere,
 * so that it runs under `default-src 'none'`.
 */
const controller = 'http://127.0.0.1:7300';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [svelte()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      input: {
        index: fileURLToPath(new URL('./index.html', import.meta.url)),
        'push-worker': fileURLToPath(new URL('./src/push/push-worker.ts', import.meta.url)),
      },
      output: {
        // A service worker keeps its address: browsers look there for a newer one.
        entryFileNames: ({ name }) => (name === 'push-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: {
    proxy: {
      '/api': controller,
      '/peta': controller,
      '/healthz': controller,
      '/socket.io': { target: controller, ws: true },
    },
  },
});
