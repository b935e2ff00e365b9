import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed when there is JSON. */
  readonly body: unknown;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly raw?: string | Buffer;
}

const agent = new Agent({ keepAlive: true });

/** Sends one request exactly as told: nothing is normalised, and a header may stand several times. */
export function send(url: string, path: string, { method = 'GET', headers = {}, body, raw }: Sent = {}): Promise<Reply> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all: Record<string, string | string[]> = body === undefined ? {} : { 'Content-Type': 'application/json' };
  for (const [name, value] of Object.entries(headers)) all[name] = typeof value === 'string' ? value : [...value];
  if (content !== undefined) all['Content-Length'] = String(Buffer.byteLength(content));
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: all, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.includes('json') === true && text !== '';
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: isJson ? JSON.parse(text) : null });
      });
    });
    sent.on('error', reject);
    sent.end(content);
  });
}

/** A member of a reply's JSON object. */
export function member(reply: Reply, name: string): unknown {
  return typeof reply.body === 'object' && reply.body !== null ? (reply.body as Readonly<Record<string, unknown>>)[name] : undefined;
}

export function header(reply: Reply, name: string): string {
  const value = reply.headers[name.toLowerCase()];
  if (typeof value !== 'string') throw new Error(`${name} is missing from an answer ${reply.status}: ${reply.text.slice(0, 200)}`);
  return value;
}
