import type { App } from './routes.ts';

/**
 * Routes registered after this take bodies of these types as text: for files whose errors are told with line and column,
 * which a parsed body no longer has.
 */
export function takeText(app: App, types: readonly string[], bodyLimit: number): void {
  for (const type of types) {
    if (app.hasContentTypeParser(type)) app.removeContentTypeParser(type);
    app.addContentTypeParser(type, { parseAs: 'string', bodyLimit }, (_request, body, done) => {
      done(null, body);
    });
  }
}
