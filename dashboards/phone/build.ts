import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';

/**
 * Builds the technician's page: one HTML file with its script and style inline, so that it is there after one round
 * trip, and their hashes for the content policy; beside it the service worker. All are packed once, here.
 */
const here = import.meta.dirname;
const source = (name: string): string => readFileSync(join(here, name), 'utf8');

async function bundle(entry: string, version: string): Promise<string> {
  const result = (await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    define: { __VERSION__: JSON.stringify(version) },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      lib: { entry: join(here, entry), formats: ['iife'], name: 'arung' },
    },
  })) as Rollup.RollupOutput | Rollup.RollupOutput[];
  const [first] = [result].flat();
  return (first?.output[0].code ?? '').trim().replaceAll('</script', '<\\/script');
}

/** Of the console's tokens those that the page uses: light, and dark by the phone's wish. */
function tokens(used: string): string {
  const css = readFileSync(join(here, '../console/src/styles/tokens.css'), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
  const wanted = new Set([...used.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name));
  const block = (selector: RegExp): string => {
    const body = selector.exec(css)?.[1] ?? '';
    return [...body.matchAll(/(--[\w-]+)\s*:\s*([^;]+);/g)]
      .filter(([, name]) => wanted.has(name))
      .map(([, name, value]) => `${name}:${value?.replaceAll(/\s*\n\s*/g, ' ').trim()}`)
      .join(';');
  };
  const light = block(/:root\s*\{([^}]*)\}/);
  const dark = block(/:root\[data-theme=['"]?dark['"]?\]\s*\{([^}]*)\}/);
  return `:root{color-scheme:light dark;${light}}@media(prefers-color-scheme:dark){:root{${dark}}}`;
}

function put(out: string, name: string, text: string): void {
  const bytes = Buffer.from(text);
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

export async function buildPhone(out = join(here, 'dist')): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const rules = source('src/style.css')
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s*([{};,])\s*/g, '$1')
    .replaceAll(/:\s+/g, ':')
    .trim();
  const style = tokens(rules) + rules;
  const script = await bundle('src/main.ts', '');
  const html = source('page.html')
    .replaceAll(/>\s+</g, '><')
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`);
  const version = createHash('sha256').update(html).digest('hex').slice(0, 12);
  put(out, 'page.html', html);
  put(out, 'sw.js', await bundle('src/sw.ts', version));
  put(out, 'icon.svg', source('icon.svg'));
  const font =
    '@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2';
  copyFileSync(createRequire(import.meta.url).resolve(font), join(out, 'font.woff2'));
  writeFileSync(join(out, 'hashes.json'), JSON.stringify({ script: hashOf(script), style: hashOf(style) }));
}
