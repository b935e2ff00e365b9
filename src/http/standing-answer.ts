import type { Answer } from './exchange.ts';
import { encodePosition, type Place } from './position.ts';

/**
 * A body up to so many bytes is put behind the head and goes out with it as one text: cheaper than two
 * pieces as long as copying it costs nothing to speak of.
 */
const MAX_TEXT_BYTES = 4 * 1024;

/** What goes over the wire. */
interface Rendered {
  /** Names and values in turn. */
  readonly head: string[];
  /** Text is Latin-1: one byte for each character. */
  readonly payload: string | Buffer;
}

/**
 * An answer that is given to everybody who asks until something has changed. What goes over the wire is
 * made of it once, however often it is sent. Its place in the log must be known.
 */
export class StandingAnswer implements Answer {
  readonly status = 200;
  readonly headers: Answer['headers'];
  readonly body: Buffer;
  readonly place: Place;
  private made: Rendered | null = null;

  constructor(headers: Answer['headers'], place: Place, body: Buffer) {
    this.headers = headers;
    this.place = place;
    this.body = body;
  }

  get rendered(): Rendered {
    this.made ??= this.render();
    return this.made;
  }

  private render(): Rendered {
    const { headers, body, place } = this;
    const head = ['Holdfast-Position', encodePosition(place), 'Content-Type', 'application/json'];
    for (const [name, value] of Object.entries(headers)) head.push(name, value);
    head.push('Content-Length', String(body.length), 'X-Content-Type-Options', 'nosniff');
    return { head, payload: body.length > MAX_TEXT_BYTES ? body : body.toString('latin1') };
  }
}
