import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { compileSchema } from '../../src/commands/schemas/validator.ts';
import { openApiText } from '../../src/http/docs.ts';
import { type EdgeDependencies, Watermark } from '../../src/http/edge.ts';
import { EXAMPLES } from '../../src/http/examples.ts';
import type { Route } from '../../src/http/exchange.ts';
import { OPERATIONS } from '../../src/http/operations.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { header, send } from './client.ts';
import { startFakeEdge } from './fakes.ts';

// Routes close over their parts and ask nothing of them before a request comes.
const routes = createRoutes({} as EdgeDependencies, new Watermark());
const idOf = (route: { readonly method: string; readonly path: string }) => `${route.method} ${route.path}`;

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly responses: object;
            readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
            readonly requestBody?: {
              readonly required: boolean;
              readonly content: Readonly<Record<'application/json', { readonly schema: object }>>;
            };
          }
        >
      >
    >
  >;
}
const document = JSON.parse(openApiText(routes)) as Document;

describe('the OpenAPI document', () => {
  it('describes every route, and nothing else', () => {
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).to.deep.equal(routes.map(idOf).toSorted());
    expect(Object.keys(OPERATIONS).toSorted()).to.deep.equal(routes.map(idOf).toSorted());
    expect(document.openapi).to.equal('3.1.0');
  });

  it('names the headers, the statuses and the problems of a booking', () => {
    const operation = document.paths['/api/v1/slots/{slotId}/bookings']?.post;
    expect(operation?.parameters?.map(({ name }) => name)).to.have.members(['slotId', 'Idempotency-Key', 'If-Match']);
    expect(Object.keys(operation?.responses ?? {})).to.have.members(['201', '400', '404', '409', '412', '413', '415', '422', '503']);
    expect(JSON.stringify(operation?.responses)).to.contain('seats-taken');
  });

  it('has of every write that it takes a key, what becomes of a key that is used twice, and how a repeat is told', () => {
    const writes = routes.filter(({ method }) => method !== 'GET');
    expect(writes).to.have.length.above(15);
    for (const { method, path } of writes) {
      const { parameters = [], responses = {} } = document.paths[path]?.[method.toLowerCase()] ?? {};
      const answers = new Map(Object.entries(responses as Readonly<Record<string, { readonly headers?: object }>>));
      expect(
        parameters.map(({ name }) => name),
        path,
      ).to.include('Idempotency-Key');
      expect(JSON.stringify(answers.get('409')), path).to.include('"request-in-flight"');
      expect(JSON.stringify(answers.get('422')), path).to.include('"idempotency-key-reused"');
      const successes = [...answers].filter(([status]) => status.startsWith('2'));
      expect(successes).to.have.length.above(0);
      for (const [status, { headers }] of successes) expect(headers, `${path} ${status}`).to.have.property('Idempotent-Replay');
    }
  });

  it('tells of 304 exactly where there is an entity tag to send back, of layouts that are there already, and of merge patches', () => {
    const said = (path: string, status: string) => status in (document.paths[path]?.get ?? document.paths[path]?.post)!.responses;
    const takesTag = (path: string) => JSON.stringify(document.paths[path]?.get?.parameters).includes('"If-None-Match"');
    for (const path of ['/api/v1/slots/{slotId}', '/api/v1/slots/{slotId}/seats', '/api/v1/layouts/{layoutId}']) {
      expect([said(path, '304'), takesTag(path)], path).to.deep.equal([true, true]);
    }
    for (const path of ['/api/v1/slots', '/api/v1/bookings/{bookingId}', '/api/v1/audit/events']) {
      expect([said(path, '304'), takesTag(path)], path).to.deep.equal([false, false]);
    }
    expect(JSON.stringify(document.paths['/api/v1/slots/{slotId}']?.patch)).to.contain('application/merge-patch+json');
    expect([said('/api/v1/layouts', '200'), said('/api/v1/layouts', '201')]).to.deep.equal([true, true]);
  });

  it('has patterns that a reader can compile', () => {
    const patterns = [...openApiText(routes).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
      (match) => JSON.parse(match[1] ?? '""') as string,
    );
    expect(patterns.length).to.be.above(50);
    for (const pattern of patterns)
      expect(pattern)
        .to.match(/^\^.*\$$/)
        .and.satisfy((text: string) => new RegExp(text, 'u') instanceof RegExp);
  });

  it('has examples that the service takes, and that are right by the document itself', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    let checked = 0;
    for (const [id, examples] of Object.entries(EXAMPLES)) {
      const route = routes.find((candidate) => idOf(candidate) === id) as Route;
      const isRight = ajv.compile(
        document.paths[route.path]?.[route.method.toLowerCase()]?.requestBody?.content['application/json'].schema ?? false,
      );
      for (const [name, { value }] of Object.entries(examples)) {
        expect(compileSchema(route.bodySchema as NonNullable<Route['bodySchema']>)(value, 0), `${id} ${name}`).to.have.property(
          'kind',
          'valid',
        );
        expect(isRight(value), `${id} ${name}: ${ajv.errorsText(isRight.errors)}`).to.equal(true);
        checked += 1;
      }
    }
    expect(checked).to.be.above(10);
  });

  it('demands of a request what the service demands, and no more', () => {
    const inQuery = Object.values(document.paths).flatMap(({ get }) => get?.parameters?.filter((one) => one.in === 'query') ?? []);
    expect(inQuery).to.have.length.above(50);
    expect(inQuery.filter(({ required }) => required === true)).to.deep.equal([]);
    const body = document.paths['/api/v1/slots/{slotId}/bookings']?.post?.requestBody?.content['application/json'].schema;
    expect(body).to.deep.include({ required: ['customerId'] });
    const maybe = routes.filter(({ path, method }) => document.paths[path]?.[method.toLowerCase()]?.requestBody?.required === false);
    expect(maybe.map(({ path }) => path.replace('/api/v1', ''))).to.have.members([
      '/slots/{slotId}/close',
      '/slots/{slotId}/reopen',
      '/slots/{slotId}/cancel',
      '/bookings/{bookingId}/cancel',
      '/admin/projections/{name}/rebuild',
    ]);
  });
});

describe('the docs', () => {
  it('come from here alone, under a policy that lets nothing else in', async () => {
    const edge = await startFakeEdge();
    const page = await send(edge.url, '/docs');
    expect(page.status).to.equal(200);
    expect(header(page, 'Content-Security-Policy')).to.contain("script-src 'self'").and.to.not.contain('upgrade-insecure-requests');
    expect(page.text)
      .to.not.match(/(?:src|href)="https?:/)
      .and.to.not.match(/<script>/);
    const parts = [...page.text.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(parts).to.have.length(4);
    for (const part of [...parts, '/openapi.json']) expect((await send(edge.url, part)).status, part).to.equal(200);
    expect((await send(edge.url, '/docs/../package.json')).status).to.equal(404);
    await edge.server.stop(1_000);
  });

  it('list every problem code, each at the address that its type gives', async () => {
    const edge = await startFakeEdge();
    const pages = [await send(edge.url, '/docs'), await send(edge.url, '/docs/problems')];
    for (const code of ['seats-taken', 'view-behind', 'malformed-json', 'hold-expired']) {
      for (const page of pages) expect(page.text).to.contain(`<tr id="${code}">`);
    }
    await edge.server.stop(1_000);
  });
});
