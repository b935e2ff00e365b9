import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two looks: what is measured is exact to about so much. */
const LOOK_MS = 4;

/** Where a layer stands, as whoever reads from it would see. */
export interface Layer {
  readonly name: string;
  /** Log position that the layer has reached. */
  position(): Promise<number>;
}

/** Measures how long after a position was answered to a writer a layer had reached it. */
export class Gauge {
  readonly name: string;
  /** Milliseconds, one for each position; 0 when the layer was the first to know. */
  lags: number[] = [];
  private readonly layer: Layer;
  private awaited: { readonly position: number; readonly answeredAt: number }[] = [];
  private reached = 0;
  private stopping = false;
  private running: Promise<void> = Promise.resolve();

  constructor(layer: Layer) {
    this.name = layer.name;
    this.layer = layer;
  }

  start(): void {
    this.running = this.look();
  }

  /** Resolves when everything that was answered has been reached. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  /** Whatever was answered until now does not count. */
  forget(): void {
    this.lags = [];
    this.awaited = [];
  }

  answered(position: number): void {
    if (position <= this.reached) this.lags.push(0);
    else this.awaited.push({ position, answeredAt: performance.now() });
  }

  private async look(): Promise<void> {
    while (!this.stopping || this.awaited.length > 0) {
      const position = await this.layer.position();
      const now = performance.now();
      this.reached = Math.max(this.reached, position);
      for (let index = this.awaited.length - 1; index >= 0; index -= 1) {
        const one = this.awaited[index] as (typeof this.awaited)[number];
        if (one.position > position) continue;
        this.lags.push(now - one.answeredAt);
        this.awaited.splice(index, 1);
      }
      await pause(LOOK_MS);
    }
  }
}
