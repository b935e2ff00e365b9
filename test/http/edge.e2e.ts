import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { mock } from 'node:test';
import { expect } from 'chai';
import { type CommandContext, TooMuchContentionError } from '../../src/commands/command-service.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { OutcomeUnknownError, StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { encodePosition } from '../../src/http/position.ts';
import { ViewsUnavailableError } from '../../src/queries/answers.ts';
import { waitFor } from '../support/wait-until.ts';
import { header, member, send } from './client.ts';
import { type FakeEdge, HELD, SUMMARY, startFakeEdge } from './fakes.ts';

const BOOKINGS = '/api/v1/slots/hamlet/bookings';
const ask = (key: string, body: unknown = { customerId: 'c-17', units: ['A1'] }) => ({
  method: 'POST',
  headers: { 'Idempotency-Key': key },
  body,
});

describe('the edge before a command side that works', () => {
  const seen: { command: SlotCommand; context: CommandContext }[] = [];
  let edge: FakeEdge;
  before(async () => {
    edge = await startFakeEdge({
      execute: async (_slotId, command, context) => {
        seen.push({ command, context });
        return command.type === 'OpenSlot' ? { ...HELD, booking: null, slot: SUMMARY } : HELD;
      },
    });
  });
  after(() => edge.server.stop(1_000));
  const contextOf = async (path: string, sent: Parameters<typeof send>[2]) => {
    expect((await send(edge.url, path, sent)).status).to.be.within(200, 201);
    return seen.at(-1)!.context;
  };

  it('answers a booking with its place, its address and its privacy', async () => {
    const reply = await send(edge.url, BOOKINGS, ask('k'));
    expect(reply.status).to.equal(201);
    expect(header(reply, 'Location')).to.equal('/api/v1/bookings/hamlet.x');
    expect(header(reply, 'ETag')).to.equal('"3"');
    expect(header(reply, 'Cache-Control')).to.equal('private, no-store');
    expect(header(reply, 'Content-Type')).to.equal('application/json');
    expect(Buffer.from(header(reply, 'Holdfast-Position'), 'base64url').toString()).to.equal('7~3~slot-hamlet');
  });

  it('takes one key for one command, quoted or not, whatever the order of the body', async () => {
    const first = await contextOf(BOOKINGS, ask('k-1', { customerId: 'c-17', units: ['A1'] }));
    const again = await contextOf(BOOKINGS, ask('"k-1"', { units: ['A1'], customerId: 'c-17' }));
    const encoded = await contextOf('/api/v1/slots/%68amlet/bookings/', ask('k-1'));
    const absolute = await contextOf(`http://proxied.example${BOOKINGS}`, ask('k-1'));
    expect(again).to.include({ commandId: first.commandId, commandHash: first.commandHash });
    expect(encoded.commandId).to.equal(first.commandId);
    expect(absolute.commandId).to.equal(first.commandId);
  });

  it('tells its place in the log with every answer, also to who only asks what can be done', async () => {
    await send(edge.url, BOOKINGS, ask('k'));
    const reply = await send(edge.url, BOOKINGS, { method: 'OPTIONS' });
    expect(reply.status).to.equal(204);
    expect(header(reply, 'Allow')).to.equal('POST');
    expect(Buffer.from(header(reply, 'Holdfast-Position'), 'base64url').toString()).to.equal('7');
  });

  it('takes an address with scheme and host for the address behind them, whatever the host is called', async () => {
    for (const [target, code] of [
      ['http://[/', 'not-found'],
      ['http://[/api/v1/slots/hamlet/nowhere', 'not-found'],
      ['http://proxied.example:none/api/v1/slots/hamlet/bookings', 'method-not-allowed'],
      ['http://proxied.example?limit=1', 'not-found'],
    ] as const) {
      const reply = await send(edge.url, target, { method: 'GET' });
      expect(header(reply, 'Content-Type'), target).to.equal('application/problem+json');
      expect(member(reply, 'code'), target).to.equal(code);
    }
  });

  it('tells another key, path and body apart', async () => {
    const first = await contextOf(BOOKINGS, ask('k-1'));
    const otherKey = await contextOf(BOOKINGS, ask('k-2'));
    const otherSlot = await contextOf('/api/v1/slots/lear/bookings', ask('k-1'));
    const otherBody = await contextOf(BOOKINGS, ask('k-1', { customerId: 'c-18', units: ['A1'] }));
    expect(new Set([first.commandId, otherKey.commandId, otherSlot.commandId]).size).to.equal(3);
    expect(otherBody.commandId).to.equal(first.commandId);
    expect(otherBody.commandHash).to.not.equal(first.commandHash);
  });

  it('passes the version of If-Match on, and no command id without a key', async () => {
    const context = await contextOf('/api/v1/bookings/hamlet.x/confirm', {
      method: 'POST',
      headers: { 'If-Match': 'W/"12"' },
      body: { paymentReference: 'p' },
    });
    expect(context).to.include({ ifMatch: 12, commandId: null, commandHash: null, actor: 'anonymous' });
  });

  it('lets a cancellation come without a body', async () => {
    await contextOf('/api/v1/bookings/hamlet.x/cancel', { method: 'POST' });
    expect(seen.at(-1)?.command).to.deep.equal({ type: 'CancelBooking', bookingId: 'hamlet.x', units: null, reason: null });
  });

  it('opens the same slot again for the same key when the client names none', async () => {
    const show = { category: 'theatre', title: 'Hamlet', startsAt: '2027-01-15T19:30:00Z', currency: 'GBP' };
    const opened = [];
    for (const key of ['s-1', 's-1', 's-2']) {
      expect((await send(edge.url, '/api/v1/slots', ask(key, show))).status).to.equal(201);
      const { command } = seen.at(-1)!;
      opened.push(command.type === 'OpenSlot' ? command.slotId : '');
    }
    expect(opened[0])
      .to.match(/^[A-Za-z0-9_-]{1,64}$/)
      .and.to.equal(opened[1]);
    expect(opened[2]).to.not.equal(opened[0]);
  });

  it('is not hurt by a client that goes away in the middle of its body', async () => {
    const before = seen.length;
    const broken = request(`${edge.url}${BOOKINGS}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': '1000', 'Idempotency-Key': 'k' },
    });
    broken.write('{"customerId":');
    await new Promise((resolve) => broken.once('socket', (socket) => socket.once('connect', resolve)));
    broken.on('error', () => undefined);
    const closed = new Promise((resolve) => broken.once('close', resolve));
    broken.destroy();
    await closed;
    expect((await send(edge.url, BOOKINGS, ask('k'))).status).to.equal(201);
    expect(seen.length).to.equal(before + 1);
    expect(edge.errors).to.deep.equal([]);
  });

  it('puts what it refuses by itself on record too', async () => {
    const reply = await send(edge.url, BOOKINGS, ask('k', { customerId: 'c-17', units: ['A1', 'A1'] }));
    expect(member(reply, 'instance')).to.equal(`/api/v1/audit/attempts/attempt-${edge.attempts.length}`);
    expect(edge.attempts.at(-1)).to.include({
      slotId: 'hamlet',
      customerId: 'c-17',
      code: 'invalid-input',
      slotVersion: null,
      bookingId: null,
    });
    expect(edge.attempts.at(-1)?.unitIds).to.deep.equal(['A1']);
    expect(edge.attempts.at(-1)?.asked).to.equal('{"customerId":"c-17","units":["A1","A1"]}');
  });

  it('has on record which units a refused change named, whether they were to come or to go', async () => {
    const change = { add: ['A1', { unitId: 'yard', quantity: 0 }], drop: ['A2', 'A1'] };
    await send(edge.url, '/api/v1/bookings/hamlet.1/change', ask('k', change));
    expect(edge.attempts.at(-1)).to.include({ code: 'invalid-input', bookingId: 'hamlet.1' });
    expect(edge.attempts.at(-1)?.unitIds).to.deep.equal(['A1', 'yard', 'A2']);
  });
});

describe('the edge before parts that fail', () => {
  for (const [error, status, code] of [
    [new TooMuchContentionError('x'), 409, 'too-much-contention'],
    [new OutcomeUnknownError('x'), 503, 'outcome-unknown'],
    [new StoreUnavailableError('x'), 503, 'unavailable'],
  ] as const) {
    it(`answers ${status} ${code} and when to try again`, async () => {
      const edge = await startFakeEdge({ execute: () => Promise.reject(error) });
      const reply = await send(edge.url, BOOKINGS, ask('k'));
      expect([reply.status, member(reply, 'code')]).to.deep.equal([status, code]);
      expect(header(reply, 'Retry-After')).to.equal(String(member(reply, 'retryAfterSeconds')));
      await edge.server.stop(1_000);
    });
  }

  it('says nothing of what went wrong inside, but logs it', async () => {
    const edge = await startFakeEdge({ execute: () => Promise.reject(new Error('password=hunter2')) });
    const reply = await send(edge.url, BOOKINGS, ask('k'));
    expect([reply.status, member(reply, 'code')]).to.deep.equal([500, 'internal-error']);
    expect(reply.text).to.not.contain('hunter2');
    expect(edge.errors).to.have.length(1);
    await edge.server.stop(1_000);
  });

  it('answers 503 when the views cannot be read', async () => {
    const edge = await startFakeEdge({ slot: () => Promise.reject(new ViewsUnavailableError('x')) });
    const reply = await send(edge.url, '/api/v1/slots/hamlet');
    expect([reply.status, member(reply, 'code')]).to.deep.equal([503, 'unavailable']);
    await edge.server.stop(1_000);
  });

  it('waits for a position as long as the client prefers, then says how far the view is', async () => {
    const waits: unknown[] = [];
    const edge = await startFakeEdge({
      waitForPosition: async (...asked) => {
        waits.push(asked);
        return { reached: false, position: 5 };
      },
    });
    const token = Buffer.from('9~2~slot-hamlet').toString('base64url');
    const reply = await send(edge.url, '/api/v1/slots/hamlet', { headers: { 'Holdfast-Position': token, Prefer: 'wait=3' } });
    expect(waits).to.deep.equal([['slot', 9, 3_000]]);
    expect([reply.status, member(reply, 'code')]).to.deep.equal([503, 'view-behind']);
    expect(header(reply, 'Holdfast-Position')).to.equal(Buffer.from('5').toString('base64url')).and.to.equal(member(reply, 'position'));
    expect(header(reply, 'Retry-After')).to.equal('1');
    await edge.server.stop(1_000);
  });

  it('never sends an answer from before the position, whatever was said to be reached', async () => {
    const old = { position: 5, source: 'postgres' } as const;
    const page = async () => ({ kind: 'found', read: { ...old, value: { items: [], nextCursor: null } } }) as const;
    const edge = await startFakeEdge({
      waitForPosition: async () => ({ reached: true, position: 9 }),
      slot: async () => ({ ...old, value: null }),
      seats: async () => ({ kind: 'not-found', position: 5 }),
      availability: async () => ({ kind: 'fault', fault: { kind: 'span-required' }, position: 5 }),
      slots: page,
      booking: async () => ({ ...old, value: null }),
      bookings: page,
    });
    const headers = { 'Holdfast-Position': encodePosition({ position: 9 }) };
    const slot = '/slots/hamlet';
    for (const path of [
      slot,
      `${slot}/seats`,
      `${slot}/availability`,
      '/slots',
      '/bookings/hamlet.1',
      '/bookings',
      '/customers/c/bookings',
    ]) {
      const reply = await send(edge.url, `/api/v1${path}`, { headers });
      expect([reply.status, member(reply, 'code')], path).to.deep.equal([503, 'view-behind']);
      expect(header(reply, 'Holdfast-Position'), path).to.equal(encodePosition({ position: 5 }));
    }
    await edge.server.stop(1_000);
  });

  it('tells with a span that cannot be read how far the view is, so that nobody goes back from there', async () => {
    const refused = async () => ({ kind: 'fault', fault: { kind: 'span-required' }, position: 9 }) as const;
    const edge = await startFakeEdge({ seats: refused, availability: refused });
    for (const question of ['seats', 'availability']) {
      const reply = await send(edge.url, `/api/v1/slots/hamlet/${question}`);
      expect([reply.status, member(reply, 'code')], question).to.deep.equal([400, 'span-required']);
      expect(header(reply, 'Holdfast-Position'), question).to.equal(encodePosition({ position: 9 }));
    }
    await edge.server.stop(1_000);
  });
});

describe('the readiness of a service', () => {
  it('is 503 with the reasons while something is wrong', async () => {
    const edge = await startFakeEdge({
      readiness: [
        { name: 'event-log', check: async () => null },
        { name: 'views', check: async () => 'far behind' },
        { name: 'disk', check: () => Promise.reject(new Error('gone')) },
      ],
    });
    const reply = await send(edge.url, '/readyz');
    expect(reply.status).to.equal(503);
    expect(member(reply, 'reasons')).to.deep.equal([
      { name: 'views', reason: 'far behind' },
      { name: 'disk', reason: 'gone' },
    ]);
    expect((await send(edge.url, '/livez')).status).to.equal(200);
    await edge.server.stop(1_000);
  });

  it('is 200 with what is degraded while requests are served all the same', async () => {
    const edge = await startFakeEdge({
      readiness: [
        { name: 'event-log', check: async () => null },
        { name: 'redis', check: async () => ({ degraded: 'gone' }) },
      ],
    });
    const reply = await send(edge.url, '/readyz');
    expect(reply.status).to.equal(200);
    expect(reply.body).to.deep.equal({
      status: 'ready',
      checks: ['event-log', 'redis'],
      reasons: [],
      degraded: [{ name: 'redis', reason: 'gone' }],
    });
    await edge.server.stop(1_000);
  });
});

describe('calls from other origins', () => {
  it('get no permission unless origins are named', async () => {
    const edge = await startFakeEdge();
    const reply = await send(edge.url, '/livez', { headers: { Origin: 'https://shop.example' } });
    expect(reply.headers).to.not.have.property('access-control-allow-origin');
    await edge.server.stop(1_000);
  });

  it('are allowed from a named one, with every header of the contract exposed', async () => {
    const edge = await startFakeEdge({ corsOrigins: ['https://shop.example'] });
    const reply = await send(edge.url, '/api/v1/nothing', { headers: { Origin: 'https://shop.example' } });
    expect(header(reply, 'Access-Control-Allow-Origin')).to.equal('https://shop.example');
    const exposed = header(reply, 'Access-Control-Expose-Headers').split(',');
    expect(exposed).to.include.members([
      'ETag',
      'Location',
      'Retry-After',
      'Date',
      'Idempotent-Replay',
      'Holdfast-Position',
      'Holdfast-Source',
    ]);
    const other = await send(edge.url, '/api/v1/nothing', { headers: { Origin: 'https://other.example' } });
    expect(other.headers).to.not.have.property('access-control-allow-origin');
    await edge.server.stop(1_000);
  });

  it('are told what can be done at an address as well, and there that it is none', async () => {
    const edge = await startFakeEdge({ corsOrigins: ['https://shop.example'] });
    const headers = { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' };
    const known = await send(edge.url, BOOKINGS, { method: 'OPTIONS', headers });
    expect([known.status, header(known, 'Allow')]).to.deep.equal([204, 'POST']);
    expect(header(known, 'Access-Control-Allow-Methods')).to.contain('POST');
    expect(header(known, 'Access-Control-Allow-Origin')).to.equal('https://shop.example');
    expect(header(known, 'Holdfast-Position')).to.not.equal('');
    const unknown = await send(edge.url, '/api/v1/nothing', { method: 'OPTIONS', headers });
    expect([unknown.status, unknown.headers.allow]).to.deep.equal([204, undefined]);
    expect(header(unknown, 'Access-Control-Allow-Origin')).to.equal('https://shop.example');
    expect((await send(edge.url, '/api/v1/nothing', { method: 'OPTIONS' })).status).to.equal(404);
    await edge.server.stop(1_000);
  });
});

describe('what is no request', () => {
  for (const [name, sent, status] of [
    ['nonsense', 'HELLO\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['no host', 'GET /api/v1/slots HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    [
      'an expectation that nobody knows',
      'POST /api/v1/slots/s/close HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      400,
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
  ] as const) {
    it(`gets a problem as well: ${name}`, async () => {
      const edge = await startFakeEdge();
      const socket = connect(Number(new URL(edge.url).port), '127.0.0.1');
      socket.end(sent);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(socket, 'close');
      const answer = Buffer.concat(chunks).toString();
      expect(answer).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).to.contain('Content-Type: application/problem+json');
      await edge.server.stop(1_000);
    });
  }
});

describe('a client that has been told that it sent no request', () => {
  afterEach(() => mock.timers.reset());

  it('does not keep its connection when it does not close it', async () => {
    const edge = await startFakeEdge();
    const socket = connect({ port: Number(new URL(edge.url).port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).resume();
    mock.timers.enable({ apis: ['setTimeout'] });
    socket.write('HELLO\r\n\r\n');
    await once(socket, 'end');
    const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = connections();
    mock.timers.tick(5_000);
    await waitFor('the end of it at the server is closed', () => connections() < before);
    socket.destroy();
    mock.timers.reset();
    await edge.server.stop(1_000);
  });
});

describe('a server that cannot listen', () => {
  it('says on which port and why', async () => {
    const [running, other] = await Promise.all([startFakeEdge(), startFakeEdge()]);
    await other.server.stop(1_000);
    const { port } = new URL(running.url);
    const failed = await other.server.listen(Number(port), '127.0.0.1').catch((error: Error) => error.message);
    expect(failed).to.equal(`Cannot listen on port ${port} of 127.0.0.1: the port is in use.`);
    await running.server.stop(1_000);
  });
});
