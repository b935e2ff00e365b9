import { type Answer, Connection } from './connection.ts';
import type { Pace, Stream, StreamResult } from './jobs.ts';
import { Queue } from './queue.ts';
import type { Request } from './requests.ts';
import { Tally } from './tally.ts';
import { Ticker } from './ticker.ts';

/** Requests that may wait for a connection; more means that the server stands still. */
const MAX_WAITING = 1_000_000;
/** After the end so many milliseconds are granted to what was due before it. */
const LAST_ANSWERS_MS = 20_000;

/** What a connection is busy with. */
interface Work {
  readonly request: Request;
  readonly since: Since;
}

interface Since {
  /** When the request was sent or, in an open loop, due. */
  readonly due: number;
  /** When the generator came to it, which in an open loop is up to a tick later. */
  readonly reached: number;
}

/** One stream of a job: its connections and what goes over them. */
export class Client {
  private readonly stream: Stream;
  private readonly first: () => Request;
  private readonly tally = new Tally();
  /** Each gets its turn: a server may close a connection that nothing comes over. */
  private readonly idle = new Queue<Connection>();
  private readonly busy = new Map<Connection, Work>();
  private readonly connections: Connection[] = [];
  /** Requests that were due and that no connection was free for. */
  private readonly waiting = new Queue<Since>();
  /** In an open loop, the instant of the first request that was not due yet. */
  private nextDue = 0;
  private ticker: Ticker | null = null;
  private countFrom = 0;
  private end = 0;
  private done: (error?: Error) => void = () => undefined;
  private ended = false;

  constructor(stream: Stream, first: () => Request) {
    this.stream = stream;
    this.first = first;
  }

  async connect(): Promise<void> {
    const { port, connections } = this.stream;
    for (let count = 0; count < connections; count += 1) {
      const connection = await Connection.open(
        port,
        (own, answer) => this.take(own, answer),
        (error) => this.finish(error),
      );
      this.connections.push(connection);
      this.idle.push(connection);
    }
  }

  /** @param begin instants on the clock of `performance.now()`. */
  run(begin: number, countFrom: number, end: number): Promise<StreamResult> {
    this.countFrom = countFrom;
    this.end = end;
    const { pace } = this.stream;
    const isClosed = pace.kind === 'closed';
    return new Promise((resolve, reject) => {
      const bound = setTimeout(() => this.finish(new Error('requests were left without an answer')), end - begin + LAST_ANSWERS_MS);
      this.done = (error) => {
        clearTimeout(bound);
        for (const connection of this.connections) connection.close();
        if (error === undefined) resolve(this.tally.result(((isClosed ? end : Math.max(end, performance.now())) - countFrom) / 1_000));
        else reject(error);
      };
      if (isClosed) for (const connection of this.connections) this.startAt(connection, performance.now());
      else {
        this.nextDue = begin;
        this.ticker = new Ticker(() => this.keepPace(pace, begin));
      }
    });
  }

  /** Sends what has become due since the last tick. */
  private keepPace(pace: Extract<Pace, { kind: 'open' }>, begin: number): void {
    if (this.ended) return;
    const now = Math.min(performance.now(), this.end);
    let due = this.nextDue;
    while (due < now) {
      this.due({ due, reached: now });
      due += 1_000 / rateAt(pace, due - begin);
    }
    this.nextDue = due;
    if (now < this.end) return;
    this.stopTicking();
    this.finishWhenIdle();
  }

  private due(since: Since): void {
    const connection = this.idle.shift();
    if (connection !== undefined) this.start(connection, since);
    else if (this.waiting.length < MAX_WAITING) this.waiting.push(since);
    else this.finish(new Error(`${MAX_WAITING} requests wait to be sent`));
  }

  private startAt(connection: Connection, now: number): void {
    this.start(connection, { due: now, reached: now });
  }

  private start(connection: Connection, since: Since): void {
    try {
      this.send(connection, this.first(), since);
    } catch (error) {
      this.finish(error as Error);
    }
  }

  private send(connection: Connection, request: Request, since: Since): void {
    this.busy.set(connection, { request, since });
    connection.send(request.text);
  }

  private take(connection: Connection, answer: Answer): void {
    const work = this.busy.get(connection);
    this.busy.delete(connection);
    if (work === undefined || this.ended) return;
    const now = performance.now();
    const { request, since } = work;
    const isShed = answer.status !== request.expects && this.stream.mayShed === true && isShedding(answer);
    if (answer.status !== request.expects && !isShed) {
      this.finish(new Error(`${request.text.split('\r\n', 1)[0]} was answered with ${answer.status}: ${answer.body().slice(0, 500)}`));
      return;
    }
    // What is due counts by its instant, so that none is lost; what follows on answers counts when it is answered.
    const isCounted = this.stream.pace.kind === 'open' ? since.due >= this.countFrom : now >= this.countFrom && now <= this.end;
    if (isCounted) this.count(answer.status, now, since, isShed, request.follow === null);
    if (request.follow !== null && !isShed) this.send(connection, request.follow(answer.body()), { due: now, reached: now });
    else this.next(connection, now);
  }

  private count(status: number, now: number, { due, reached }: Since, isShed: boolean, isLast: boolean): void {
    this.tally.answered(status, now - due, now - reached);
    if (isShed) this.tally.wasShed();
    else if (isLast) this.tally.finished();
  }

  private next(connection: Connection, now: number): void {
    if (this.stream.pace.kind === 'closed' && now < this.end) {
      this.startAt(connection, now);
      return;
    }
    const since = this.waiting.shift();
    if (since === undefined) {
      this.idle.push(connection);
      if (now >= this.end) this.finishWhenIdle();
      return;
    }
    this.start(connection, since);
  }

  private finishWhenIdle(): void {
    if (this.busy.size === 0 && this.waiting.length === 0) this.finish();
  }

  private finish(error?: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.stopTicking();
    this.done(error);
  }

  private stopTicking(): void {
    this.ticker?.stop();
    this.ticker = null;
  }
}

function isShedding({ status, head }: Answer): boolean {
  return (status === 429 || status === 503) && /\r\nretry-after: \d/i.test(head);
}

function rateAt({ perSecond, burst }: Extract<Pace, { kind: 'open' }>, elapsed: number): number {
  if (burst === undefined) return perSecond;
  // A burst ends each period, so that there is some quiet before the first one.
  const isBurst = elapsed % burst.everyMilliseconds >= burst.everyMilliseconds - burst.milliseconds;
  return isBurst ? perSecond * burst.factor : perSecond;
}
