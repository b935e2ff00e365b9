import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { v7 } from 'uuid';
import { mountDocs } from './docs.ts';
import type { EdgeDependencies, Watermark } from './edge.ts';
import type { Route } from './exchange.ts';
import { livez, metricsPage, readyz } from './health.ts';
import { compilePath } from './path.ts';
import { encodePosition } from './position.ts';
import { plainProblem } from './problem.ts';
import type { RequestMeter } from './request-meter.ts';
import { INSTANCE_PREFIX, sendProblem } from './send.ts';
import { serve, splitUrl } from './serve.ts';

const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'Date', 'Idempotent-Replay', 'Holdfast-Position', 'Holdfast-Source'];

export interface AppParts {
  readonly dependencies: Pick<EdgeDependencies, 'corsOrigins' | 'log' | 'readiness' | 'metrics'>;
  readonly routes: readonly Route[];
  readonly watermark: Watermark;
  isStopping(): boolean;
}

/** Puts the routes on Express, with what surrounds them: CORS, health, docs, and problems for whatever has no route. */
export function createApp(parts: AppParts): Express {
  const { dependencies, routes, watermark } = parts;
  const { corsOrigins, log, readiness, metrics } = dependencies;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('case sensitive routing', true);
  if (corsOrigins.length > 0) app.use(crossOrigin(corsOrigins));
  for (const route of routes) {
    const handler = serve(route, { watermark, log, requests: metrics.requests, isStopping: parts.isStopping });
    const path = compilePath(route.path).pattern;
    const mounted: RequestHandler = (request, response) => handler(request, response, splitUrl(request.url));
    if (route.method === 'GET') app.get(path, mounted);
    else if (route.method === 'POST') app.post(path, mounted);
    else app.patch(path, mounted);
  }
  app.get('/livez', livez());
  app.get('/readyz', readyz(readiness, parts.isStopping, log));
  app.get('/metrics', metricsPage(metrics, log));
  mountDocs(app, routes);
  app.use(noRoute(routes, watermark, metrics.requests));
  app.use(asProblem(watermark, log));
  return app;
}

function crossOrigin(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PATCH'],
    allowedHeaders: [
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Holdfast-Position',
      'Prefer',
      'Authorization',
      'Last-Event-ID',
    ],
    exposedHeaders: EXPOSED_HEADERS,
    // Browsers ask again for each address; ten minutes is what the strictest of them keeps.
    maxAge: 600,
    // Who asks is answered as without other origins, with these headers beside.
    preflightContinue: true,
  });
}

/** Health, metrics and docs: every address that is not an API route. */
const OTHER_PATHS = ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/problems'];

/** 405 with Allow where the address is known, else 404. */
function noRoute(routes: readonly Route[], watermark: Watermark, requests: RequestMeter): RequestHandler {
  // One count for whatever strangers ask: their addresses are without end.
  const meter = requests.of('any', 'none');
  const known = [
    ...routes.map((route) => ({ matcher: compilePath(route.path), method: route.method })),
    ...OTHER_PATHS.map((path) => ({ matcher: compilePath(path), method: 'GET' as const })),
  ];
  return (request, response) => {
    const begun = meter.begun();
    const { path } = splitUrl(request.originalUrl);
    const methods = new Set<string>(known.filter((entry) => entry.matcher.fits(path)).map((entry) => entry.method));
    if (methods.has('GET')) methods.add('HEAD');
    const allow = [...methods].join(', ');
    // A browser goes on to an address only after 2xx, and only then is its page told that there is no such address.
    const isPreflight = request.headers['access-control-request-method'] !== undefined;
    if (request.method === 'OPTIONS' && (methods.size > 0 || isPreflight)) {
      const told = methods.size > 0 ? { Allow: allow } : {};
      response.writeHead(204, { ...told, 'Holdfast-Position': encodePosition({ position: watermark.position }) }).end();
      return meter.ended(begun, 204);
    }
    const problem = methods.size > 0 ? plainProblem('method-not-allowed', { Allow: allow }) : plainProblem('not-found');
    meter.ended(begun, sendProblem(request, response, problem, `${INSTANCE_PREFIX}${v7()}`, watermark));
  };
}

/** What Express itself could not do. Handlers answer for themselves, so this is a fault of ours. */
function asProblem(watermark: Watermark, log: EdgeDependencies['log']): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const instance = `${INSTANCE_PREFIX}${v7()}`;
    log.error({ err: error, instance, method: request.method, url: request.originalUrl }, 'a request failed');
    sendProblem(request, response, plainProblem('internal-error'), instance, watermark);
  };
}
