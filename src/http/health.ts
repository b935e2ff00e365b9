import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EdgeLog, EdgeMetrics, ReadinessCheck, ReadinessFault } from './edge.ts';

type PlainHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A check that does not answer within this many milliseconds has failed. */
const CHECK_BOUND_MS = 2_000;

/** The process runs and its event loop turns. */
export function livez(): PlainHandler {
  return (request, response) => sendHealth(request, response, 200, { status: 'alive' });
}

/**
 * Whether requests can be served: 503 with the reasons when not. What only makes the service slower or
 * its answers older stands under `degraded`, and sends nobody away.
 */
export function readyz(checks: readonly ReadinessCheck[], isStopping: () => boolean, log: EdgeLog): PlainHandler {
  return (request, response) => {
    Promise.all(checks.map(async (check) => ({ name: check.name, fault: await faultOf(check) })))
      .then((found) => {
        const stopping = isStopping() ? [{ name: 'stopping', reason: 'the service is stopping' }] : [];
        const reasons = [...stopping, ...found.flatMap(({ name, fault }) => (typeof fault === 'string' ? [{ name, reason: fault }] : []))];
        const degraded = found.flatMap(({ name, fault }) =>
          fault === null || typeof fault === 'string' ? [] : [{ name, reason: fault.degraded }],
        );
        const isReady = reasons.length === 0;
        const names = checks.map((check) => check.name);
        sendHealth(request, response, isReady ? 200 : 503, { status: isReady ? 'ready' : 'not-ready', checks: names, reasons, degraded });
      })
      .catch((error: unknown) => log.error({ err: error }, 'the readiness could not be told'));
  };
}

/** What Prometheus scrapes. */
export function metricsPage(metrics: EdgeMetrics, log: EdgeLog): PlainHandler {
  return (request, response) => {
    metrics
      .text()
      .then((text) => sendText(request, response, 200, metrics.contentType, text))
      .catch((error: unknown) => {
        log.error({ err: error }, 'the metrics could not be told');
        sendHealth(request, response, 500, { status: 'the metrics could not be told' });
      });
  };
}

async function faultOf(check: ReadinessCheck): Promise<ReadinessFault | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_BOUND_MS} ms`), CHECK_BOUND_MS);
  });
  try {
    return await Promise.race([check.check(), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function sendHealth(request: IncomingMessage, response: ServerResponse, status: number, body: object): void {
  sendText(request, response, status, 'application/json', JSON.stringify(body));
}

function sendText(request: IncomingMessage, response: ServerResponse, status: number, contentType: string, text: string): void {
  const headers = { 'Content-Type': contentType, 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(text) };
  response.writeHead(status, headers);
  response.end(request.method === 'HEAD' ? undefined : text);
}
