import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { importOverHttp } from '../../src/cli/import-over-http.ts';
import { openWithBlocks } from '../../src/cli/import-slots.ts';
import type { ImportTarget, NamedSlot } from '../../src/cli/import-target.ts';
import { InputError } from '../../src/integrations/input-error.ts';
import { waitFor } from '../support/wait-until.ts';

const SLOT: NamedSlot = { slotId: 'flight-1', category: 'flight', title: 'Flight 1', currency: 'GBP' };
const NEVER_STOPPED = { signal: new AbortController().signal };
const LAYOUT = { name: 'Coach', units: [{ unitId: '1A', category: 'seat' }] };

/** Every step of an import, by the words it is told in. */
const STEPS: Readonly<Record<string, (target: ImportTarget) => Promise<unknown>>> = {
  'defining a layout': (target) => target.defineLayout(LAYOUT),
  'opening a slot': (target) => target.openSlot(SLOT),
  'blocking units': (target) => target.blockUnits('flight-1', ['1A'], 'restricted'),
  'reopening a slot': (target) => target.reopenSlot('flight-1'),
};

/** What the service answers to a request. */
type Answering = (request: IncomingMessage, response: ServerResponse) => void;

describe('what answers an import over HTTP', () => {
  let server: Server;
  let url: string;
  let answer: Answering;
  let asked: string[];

  before(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on('end', () => answer(request, response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const respond =
    (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answering =>
    (_, response) =>
      response.writeHead(status, headers).end(body);
  const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    respond(status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  const failureOf = (step: (target: ImportTarget) => Promise<unknown>) =>
    step(importOverHttp(url, NEVER_STOPPED)).then(
      (result) => expect.fail(`answered ${JSON.stringify(result)}`),
      (error: Error) => error,
    );

  for (const [name, step] of Object.entries(STEPS)) {
    describe(name, () => {
      const strangers: readonly [string, number, Answering][] = [
        ['a sign-in page', 200, respond(200, '<html>Sign in</html>', { 'content-type': 'text/html' })],
        ['a redirect', 302, respond(302, '', { location: '/sign-in' })],
        ['JSON of something else', 200, json(200, { ok: true })],
        ['an error page', 404, respond(404, '<html>Not found</html>', { 'content-type': 'text/html' })],
      ];
      for (const [what, status, answering] of strangers) {
        it(`does not take ${what} for a success`, async () => {
          answer = (request, response) =>
            (request.url === '/sign-in' ? json(200, { slotId: 'flight-1', layoutId: 'l', units: 1 }) : answering)(request, response);
          const error = await failureOf(step);
          expect(error).to.be.instanceOf(InputError);
          expect(error.message).to.match(new RegExp(`^${url}/api/v1/\\S+ does not answer as a Holdfast service \\(status ${status}\\)$`));
          expect(asked).to.have.lengthOf(1);
        });
      }
    });
  }

  it('must be about the slot that was sent', async () => {
    answer = json(201, { slotId: 'flight-2' });
    for (const step of ['opening a slot', 'blocking units', 'reopening a slot']) {
      expect((await failureOf(STEPS[step] as (typeof STEPS)[string])).message, step).to.match(
        /not answer as a Holdfast service \(status 201\)$/,
      );
    }
  });

  it('is a refusal only when it is a problem of the service', async () => {
    answer = json(422, { code: 'invalid-input', detail: 'no', errors: [{ pointer: '/currency', message: 'is none' }] });
    expect(await importOverHttp(url, NEVER_STOPPED).openSlot(SLOT)).to.deep.equal({
      kind: 'refused',
      reason: 'invalid-input: /currency is none',
    });
  });

  it('may forbid to look at a slot that is there, and then says that nobody knows how it was left', async () => {
    const exists = json(409, { code: 'slot-exists', detail: 'There is a slot with this id.' });
    for (const [answering, reason] of [
      [respond(403, '<html>Forbidden</html>'), 'status 403'],
      [json(404, { code: 'stream-not-found', detail: 'No such stream.' }), 'stream-not-found: No such stream.'],
    ] as const) {
      answer = (request, response) => (request.method === 'POST' ? exists : answering)(request, response);
      expect(await openWithBlocks(importOverHttp(url, NEVER_STOPPED), SLOT, new Map())).to.deep.equal({
        kind: 'refused',
        reason: `it is there, and whether an import of it was cut off cannot be told: ${reason}`,
      });
    }
    expect(asked).to.include('GET /api/v1/audit/streams/slot-flight-1/events?limit=100&upcast=true');
  });

  describe('that fails in passing', () => {
    const OPENED = json(201, { slotId: 'flight-1' });
    let waited: number[];
    let stop: AbortController;

    beforeEach(() => {
      waited = [];
      stop = new AbortController();
    });

    /** Answers one way after the other, and the last one for ever. */
    const oneAfterTheOther = (...ways: readonly Answering[]) => {
      let turn = 0;
      answer = (request, response) => {
        (ways[Math.min(turn, ways.length - 1)] as Answering)(request, response);
        turn += 1;
      };
    };
    const reset: Answering = (request) => request.socket.resetAndDestroy();
    const patient = () =>
      importOverHttp(url, {
        signal: stop.signal,
        wait: async (milliseconds) => {
          waited.push(milliseconds / 1_000);
        },
      });
    const busy = (status: number, retryAfter?: string) =>
      respond(status, '<html>Busy</html>', {
        'content-type': 'text/html',
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      });

    it('is asked again, with the same key and body, after the connection was reset', async () => {
      const keys: unknown[] = [];
      oneAfterTheOther(reset, reset, (request, response) => {
        keys.push(request.headers['idempotency-key']);
        OPENED(request, response);
      });
      expect(await patient().openSlot(SLOT)).to.deep.equal({ kind: 'done' });
      expect(asked).to.deep.equal(Array(3).fill('POST /api/v1/slots'));
      expect(keys).to.deep.equal(['import-open-flight-1']);
      expect(waited).to.deep.equal([1, 2]);
    });

    for (const status of [429, 502, 503, 504]) {
      it(`is asked again after as long as ${status} says, and at most a minute`, async () => {
        const problem = { code: 'rate-limited', retryAfterSeconds: 30 };
        oneAfterTheOther(
          busy(status, '7'),
          busy(status, '3600'),
          json(status, problem),
          json(status, problem, { 'retry-after': '5' }),
          OPENED,
        );
        expect(await patient().openSlot(SLOT)).to.deep.equal({ kind: 'done' });
        expect(waited).to.deep.equal([7, 60, 30, 5]);
      });
    }

    it('is understood when it names a date to come back at', async () => {
      oneAfterTheOther(busy(503, new Date(Date.now() + 20_000).toUTCString()), busy(503, new Date(0).toUTCString()), OPENED);
      await patient().openSlot(SLOT);
      expect(waited[0]).to.be.within(15, 20);
      expect(waited[1]).to.equal(0);
    });

    it('is asked six times at most, and then taken for dead, whatever the step', async () => {
      for (const [name, step] of Object.entries(STEPS)) {
        for (const [way, reason] of [
          [busy(503), 'status 503'],
          [json(503, { code: 'unavailable', retryAfterSeconds: 2 }), 'status 503, unavailable'],
          [reset, '.+'],
        ] as const) {
          asked = [];
          waited = [];
          oneAfterTheOther(way);
          const error = await step(patient()).catch((thrown: Error) => thrown);
          expect(error, name).to.be.instanceOf(InputError);
          expect((error as Error).message).to.match(new RegExp(`^${url}/api/v1/\\S+ does not answer, asked 6 times: ${reason}$`));
          expect([asked.length, waited.length]).to.deep.equal([6, 5]);
        }
      }
    });

    it('refuses the slot, and not the import, when only that slot is too busy', async () => {
      oneAfterTheOther(json(409, { code: 'too-much-contention', detail: 'Busy.', retryAfterSeconds: 1 }));
      expect(await patient().openSlot(SLOT)).to.deep.equal({ kind: 'refused', reason: 'too-much-contention: Busy.' });
      expect(waited).to.deep.equal([1, 1, 1, 1, 1]);
    });

    it('is not waited for once the import is to stop', async () => {
      oneAfterTheOther(busy(503, '60'));
      const opening = importOverHttp(url, { signal: stop.signal })
        .openSlot(SLOT)
        .catch((thrown: Error) => thrown);
      await waitFor('the request was answered', () => asked.length === 1);
      stop.abort();
      expect(await opening)
        .to.be.instanceOf(InputError)
        .with.property('message')
        .that.includes('asked 1 time: status 503');
      expect(asked).to.have.lengthOf(1);
    });
  });
});
