/** A command under way for as long as the test wants it to be. */
export class WorkUnderWay {
  readonly begun: Promise<void>;
  finish: () => void = () => undefined;
  private tell: () => void = () => undefined;

  constructor() {
    this.begun = new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  begin(): Promise<void> {
    this.tell();
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  }
}
