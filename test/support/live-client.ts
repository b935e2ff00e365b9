import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { EventStreamReader } from './event-stream.ts';
import { LiveMap } from './live-map.ts';
import { waitUntil } from './wait-until.ts';

/** A stream of a live map over HTTP, on a connection of its own, and what it has told. */
export class LiveClient {
  readonly map: LiveMap;
  readonly reader = new EventStreamReader();
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What came when it was no stream. */
  body = '';
  ended = false;
  private readonly response: IncomingMessage;

  private constructor(response: IncomingMessage, map: LiveMap) {
    this.response = response;
    this.map = map;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    const isStream = response.headers['content-type'] === 'text/event-stream';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      if (!isStream) this.body += text;
      else for (const event of this.reader.read(text)) map.take(event);
    });
    response.on('close', () => {
      this.ended = true;
    });
    // A stream that is cut breaks off; what that means is the test's to say.
    response.on('error', () => undefined);
  }

  /** @param more.from a client that was there before: this one goes on from where it is, as a browser does. */
  static async open(
    url: string,
    path: string,
    more: { readonly from?: LiveMap; readonly headers?: Readonly<Record<string, string>>; readonly method?: string } = {},
  ): Promise<LiveClient> {
    const { from, method = 'GET' } = more;
    const last = from?.lastEventId ?? null;
    const headers = { ...(last === null ? {} : { 'Last-Event-ID': last }), ...more.headers };
    const sent = request(`${url}/api/v1${path}`, { method, headers, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    sent.on('error', () => undefined);
    return new LiveClient(response, from ?? new LiveMap());
  }

  /** Breaks off without a word. */
  cut(): void {
    this.response.destroy();
  }

  stopReading(): void {
    this.response.pause();
  }

  readOn(): void {
    this.response.resume();
  }

  async until(what: string, isSo: () => boolean, boundMs?: number): Promise<void> {
    const patiently = async () => {
      await new Promise(setImmediate);
      return isSo();
    };
    await waitUntil(what, patiently, boundMs);
  }

  reached(version: number): Promise<void> {
    return this.until(`version ${version}`, () => this.map.version >= version);
  }
}
