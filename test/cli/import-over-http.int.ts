import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { importOverHttp } from '../../src/cli/import-over-http.ts';
import type { ImportTarget, NamedSlot } from '../../src/cli/import-target.ts';
import { InputError } from '../../src/integrations/input-error.ts';

const SLOT: NamedSlot = { slotId: 'flight-1', category: 'flight', title: 'Flight 1', currency: 'GBP' };
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
    step(importOverHttp(url)).then(
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
    expect(await importOverHttp(url).openSlot(SLOT)).to.deep.equal({ kind: 'refused', reason: 'invalid-input: /currency is none' });
  });
});
