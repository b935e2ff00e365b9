/** An event of a stream, as a browser would dispatch it, with the id that it came with. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads server-sent events by the rules of the HTML standard, as far as this service may make use of them. */
export class EventStreamReader {
  readonly comments: string[] = [];
  retry: number | null = null;
  private rest = '';

  /** @returns the events that are complete with this piece of the stream. */
  read(piece: string): readonly StreamEvent[] {
    const blocks = (this.rest + piece).split('\n\n');
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => this.eventOf(block));
  }

  private eventOf(block: string): readonly StreamEvent[] {
    let event = 'message';
    let id: string | null = null;
    let data: string | null = null;
    for (const line of block.split('\n')) {
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === '') this.comments.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id') id = value;
      else if (field === 'retry') this.retry = Number(value);
      else if (field === 'data') data = data === null ? value : `${data}\n${value}`;
      else throw new Error(`a stream of events has no field ${field}`);
    }
    return data === null ? [] : [{ event, id, data }];
  }
}
