import { randomUUID } from 'node:crypto';
import { RequestAbortedError } from './body.ts';
import type { EdgeLog, Watermark } from './edge.ts';
import type { Exchange, HttpRequest, HttpResponse, PathParameters, Reply, Route } from './exchange.ts';
import { compilePath, type PathMatcher } from './path.ts';
import type { RequestMeter, RouteMeter } from './request-meter.ts';
import { INSTANCE_PREFIX, sendAnswer, sendProblem } from './send.ts';
import { problemOfError } from './thrown.ts';

export interface ServeContext {
  readonly watermark: Watermark;
  readonly log: EdgeLog;
  readonly requests: RequestMeter;
  /** The service is going away: whatever it still answers is the last answer on its connection. */
  isStopping(): boolean;
}

/** An address taken apart. */
export interface Address {
  readonly path: string;
  /** What stands behind the `?`, as sent. */
  readonly query: string;
}

/** Answers a request whose address was taken apart already. */
export type AddressedHandler = (request: HttpRequest, response: HttpResponse, address: Address) => void;

/** What the requests of one route have in common. */
interface Served {
  readonly route: Route;
  readonly matcher: PathMatcher;
  readonly meter: RouteMeter;
  readonly context: ServeContext;
}

/**
 * Makes a route into a function of a request and a response. It needs nothing of Express, so that routes which
 * carry a rush can be called ahead of it; it always ends the response, whatever happens.
 */
export function serve(route: Route, context: ServeContext): AddressedHandler {
  const served = { route, matcher: compilePath(route.path), meter: context.requests.of(route.method, route.path), context };
  return (request, response, address) => new ServedExchange(served, request, response, address).run();
}

/**
 * One request under way. Its steps are methods rather than functions made for each request, because a
 * function with a name of its own costs a quarter of a microsecond as the sources are run.
 */
class ServedExchange implements Exchange {
  readonly request: HttpRequest;
  readonly query: string;
  parameters: PathParameters = notRead;
  private readonly served: Served;
  private readonly response: HttpResponse;
  private readonly path: string;
  private readonly begun: number;
  private id: string | null = null;

  constructor(served: Served, request: HttpRequest, response: HttpResponse, { path, query }: Address) {
    this.served = served;
    this.request = request;
    this.response = response;
    this.path = path;
    this.query = query;
    this.begun = served.meter.begun();
  }

  /** Made when it is first wanted: most reads never are. */
  get correlationId(): string {
    this.id ??= randomUUID();
    return this.id;
  }

  run(): void {
    const { route, matcher } = this.served;
    try {
      this.parameters = matcher.parametersOf(this.path);
      const reply = route.handle(this);
      // What memory answers is there at once, and leaves within the turn of the event loop in which it was asked for.
      if (reply instanceof Promise) reply.then((late) => this.answer(late)).catch((error: unknown) => this.fail(error));
      else this.answer(reply);
    } catch (error) {
      this.fail(error);
    }
  }

  private answer(reply: Reply): void {
    const { context, meter } = this.served;
    this.closeWhenStopping();
    sendAnswer(this.request, this.response, reply, context.watermark);
    meter.ended(this.begun, reply.status);
  }

  /** A request may have come in long before the stop began; its client must not send another one here. */
  private closeWhenStopping(): void {
    if (this.served.context.isStopping() && !this.response.headersSent) this.response.setHeader('Connection', 'close');
  }

  private fail(error: unknown): void {
    this.served.meter.ended(this.begun, this.sendError(error));
  }

  /** @returns the status that was sent; 0 when there is nobody to send it to. */
  private sendError(error: unknown): number {
    const { request, response } = this;
    const { log, watermark } = this.served.context;
    if (error instanceof RequestAbortedError) {
      response.destroy();
      return 0;
    }
    const problem = problemOfError(error);
    this.closeWhenStopping();
    const instance = `${INSTANCE_PREFIX}${this.correlationId}`;
    if (problem.code === 'internal-error')
      log.error({ err: error, instance, method: request.method, url: request.url }, 'a request failed');
    return sendProblem(request, response, problem, instance, watermark);
  }
}

function notRead(name: string): never {
  throw new Error(`The path was not read, so nothing is known of its ${name}.`);
}

/** Scheme and host that a proxy may write before the path (the absolute form of RFC 9112). */
const AUTHORITY = /^https?:\/\/[^/?]*/i;

/** The target of a request without scheme and host. */
export function originForm(target: string): string {
  if (target.startsWith('/') || !AUTHORITY.test(target)) return target;
  const rest = target.replace(AUTHORITY, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}

export function splitUrl(target: string): Address {
  const url = originForm(target);
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
