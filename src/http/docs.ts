import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Route } from './exchange.ts';
import { createOpenApi } from './openapi.ts';
import { PROBLEMS } from './problem.ts';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Only what the page needs: the package also has maps and builds that nobody asks for. */
const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

const INITIALIZER = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

/** The API's description for machines and people, served from here alone: no page loads anything from elsewhere. */
export function mountDocs(app: Express, routes: readonly Route[]): void {
  const document = openApiText(routes);
  app.get('/openapi.json', (_request, response) => {
    response.type('application/json').set('Cache-Control', 'no-cache').send(document);
  });
  // The service may be reached by plain HTTP, so nothing may be upgraded or remembered as HTTPS only.
  const guard = helmet({ contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } }, strictTransportSecurity: false });
  const page =
    (html: string): RequestHandler =>
    (_request, response) =>
      void response.type('text/html').send(html);
  app.get('/docs', guard, page(DOCS_PAGE));
  app.get('/docs/problems', guard, page(PROBLEMS_PAGE));
  app.get('/docs/initializer.js', guard, (_request, response) => void response.type('text/javascript').send(INITIALIZER));
  const files = express.static(swaggerUi, { index: false, maxAge: '1d' });
  app.get(
    SWAGGER_FILES.map((file) => `/docs/${file}`),
    guard,
    (request, response, next) => {
      request.url = request.url.slice('/docs'.length);
      files(request, response, next);
    },
  );
}

/** JSON Schema's patterns have no flags: the generator's `/u` at their end would be taken for a part of them. */
export function openApiText(routes: readonly Route[]): string {
  return JSON.stringify(createOpenApi(routes), (key, value: unknown) =>
    key === 'pattern' && typeof value === 'string' ? value.replace(/\/u$/, '') : value,
  );
}

const STYLE = `<style>body{font-family:sans-serif;margin:0}main{max-width:80rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}</style>`;

const PROBLEM_ROWS = Object.entries(PROBLEMS)
  .toSorted(([codeA, a], [codeB, b]) => a.status - b.status || codeA.localeCompare(codeB))
  .map(([code, { status, title, meaning, retryAfterSeconds }]) => {
    const retry = retryAfterSeconds === undefined ? 'no' : `yes, after ${retryAfterSeconds} s`;
    return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td><td>${escapeHtml(meaning)}</td><td>${retry}</td></tr>`;
  })
  .join('\n');

const PROBLEM_TABLE = `<main><h1>Problem codes</h1>
<p>Errors are <code>application/problem+json</code> (RFC 9457) with a stable <code>code</code>. Where sending the same again may help,
the answer has <code>retryAfterSeconds</code> and Retry-After. Ignore members that you do not know, and expect new codes.</p>
<table><thead><tr><th>code</th><th>status</th><th>title</th><th>meaning</th><th>may sending it again help?</th></tr></thead>
<tbody>
${PROBLEM_ROWS}
</tbody></table></main>`;

const DOCS_PAGE = htmlPage(
  'Holdfast API',
  `<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" type="image/png" href="/docs/favicon-32x32.png">`,
  `<div id="swagger-ui"></div>
${PROBLEM_TABLE}
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/initializer.js"></script>`,
);

const PROBLEMS_PAGE = htmlPage('Holdfast problem codes', '', PROBLEM_TABLE);

function htmlPage(title: string, head: string, body: string): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}${STYLE}</head>\n<body>\n${body}\n</body></html>\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
