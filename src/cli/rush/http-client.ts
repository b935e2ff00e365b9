import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON; what it is made of is for the asker to check. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Holdfast-Position of the answer; empty when it had none. */
  readonly position: string;
  /** Milliseconds from sending the request for the last time to its whole answer. */
  readonly milliseconds: number;
  /** How often it was sent again before. */
  readonly resent: number;
}

/** A client of one service over connections that are kept. */
export interface ApiClient {
  readonly url: string;
  /**
   * Asks again what got no answer, or an answer that says to come back, for a bounded time: with the
   * same Idempotency-Key that does no harm.
   *
   * @throws Error when there is still no answer.
   */
  ask(request: ApiRequest): Promise<ApiAnswer>;
  close(): void;
}

/** A request without a key must not be sent again, so whoever asks names the key in the headers. */
const MAX_PAUSE_MS = 2_000;
const FIRST_PAUSE_MS = 20;
/** An answer that takes longer than any bound of the service will not come. */
const ANSWER_TIMEOUT_MS = 30_000;

/** @param retryForMs how long a request may go without a usable answer before it fails. */
export function createApiClient(url: string, retryForMs = 15_000): ApiClient {
  const base = new URL(url);
  const [client, agent] =
    base.protocol === 'https:' ? [https, new https.Agent({ keepAlive: true })] : [http, new http.Agent({ keepAlive: true })];

  async function ask(request: ApiRequest): Promise<ApiAnswer> {
    const deadline = performance.now() + retryForMs;
    for (let resent = 0; ; resent += 1) {
      const startedAt = performance.now();
      const answer = await once(base, client, agent, request).catch((error: unknown) => error as Error);
      const milliseconds = performance.now() - startedAt;
      const waitMs = answer instanceof Error ? FIRST_PAUSE_MS * 2 ** Math.min(resent, 6) : retryAfterOf(answer.body);
      if (!(answer instanceof Error) && waitMs === null) return { ...answer, milliseconds, resent };
      if (performance.now() + (waitMs ?? 0) > deadline) {
        if (answer instanceof Error) throw new Error(`${url} does not answer: ${answer.message}`, { cause: answer });
        return { ...answer, milliseconds, resent };
      }
      await pause(Math.min(waitMs ?? 0, MAX_PAUSE_MS) * (0.5 + Math.random() / 2));
    }
  }

  return { url, ask, close: () => agent.destroy() };
}

/** Milliseconds after which the service wants to be asked again; null when asking again cannot help. */
function retryAfterOf({ retryAfterSeconds }: Readonly<Record<string, unknown>>): number | null {
  return typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : null;
}

function once(
  base: URL,
  client: Pick<typeof http, 'request'>,
  agent: http.Agent,
  { method, path, body, headers = {} }: ApiRequest,
): Promise<Omit<ApiAnswer, 'milliseconds' | 'resent'>> {
  const payload = body === undefined ? null : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = client.request(
      {
        agent,
        method,
        hostname: base.hostname.replace(/^\[|\]$/g, ''),
        // By its absence that of the protocol.
        port: base.port || null,
        path: `${base.pathname.replace(/\/+$/, '')}/api/v1${path}`,
        headers: {
          ...headers,
          ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
        timeout: ANSWER_TIMEOUT_MS,
      },
      (incoming) => read(incoming).then(resolve, reject),
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
    outgoing.on('error', reject);
    outgoing.end(payload ?? undefined);
  });
}

async function read(incoming: IncomingMessage): Promise<Omit<ApiAnswer, 'milliseconds' | 'resent'>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new Error('the answer is no JSON object');
  const position = incoming.headers['holdfast-position'];
  return { status: incoming.statusCode ?? 0, body: { ...body }, position: typeof position === 'string' ? position : '' };
}
