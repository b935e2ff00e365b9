/** An event's data as parsed from its stored text. */
export type StoredData = Readonly<Record<string, unknown>>;

/** Makes the data of one schema version into that of the next. Never changes what it is given. */
export type Up = (data: StoredData) => StoredData;

/**
 * Every stored event type with its way to the newest form: the first step leads from version 1 to 2,
 * and so on. A type without steps is at version 1.
 */
export type Catalogue = ReadonlyMap<string, readonly Up[]>;

/** What is needed of a stored event to read it. */
export interface StoredEvent {
  readonly type: string;
  readonly schemaVersion: number;
  /** JSON text. */
  readonly data: string;
}

/** The event was stored by a newer release, or by something else: this code cannot read it. */
export class UnknownStoredEventError extends Error {
  override readonly name = 'UnknownStoredEventError';
  readonly type: string;
  readonly schemaVersion: number;

  constructor(type: string, schemaVersion: number) {
    super(`This release cannot read events of type ${type} at schema version ${schemaVersion}.`);
    this.type = type;
    this.schemaVersion = schemaVersion;
  }
}

/** The schema version that is written today. @throws UnknownStoredEventError */
export function newestVersion(catalogue: Catalogue, type: string): number {
  const steps = catalogue.get(type);
  if (steps === undefined) throw new UnknownStoredEventError(type, 0);
  return steps.length + 1;
}

/**
 * The data of a stored event in its newest form.
 *
 * @throws UnknownStoredEventError for a type that the catalogue lacks, or a version that it does not know.
 */
export function upcast(catalogue: Catalogue, stored: StoredEvent): StoredData {
  return upcastParsed(catalogue, { ...stored, data: JSON.parse(stored.data) as StoredData });
}

/** The same of data that were parsed already. */
export function upcastParsed(catalogue: Catalogue, stored: Omit<StoredEvent, 'data'> & { readonly data: StoredData }): StoredData {
  const { type, schemaVersion, data } = stored;
  const steps = catalogue.get(type);
  if (steps === undefined || schemaVersion < 1 || schemaVersion > steps.length + 1) throw new UnknownStoredEventError(type, schemaVersion);
  return schemaVersion === steps.length + 1 ? data : steps.slice(schemaVersion - 1).reduce((known, up) => up(known), data);
}
