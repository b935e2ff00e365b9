import type { Unit } from './unit.ts';

/** Units and geometry that many slots share. Immutable: its id is the hash of its content. */
export interface LayoutContent {
  readonly name: string;
  /** The point that the best seats are near to. */
  readonly focus?: { readonly x: number; readonly y: number };
  readonly units: readonly Unit[];
}

export interface Layout extends LayoutContent {
  readonly layoutId: string;
}

/** The events of a layout's stream (`layout-<layoutId>`), in this order; usable once `LayoutCompleted` is there. */
export type LayoutEvent =
  | {
      readonly type: 'LayoutDefined';
      readonly layoutId: string;
      readonly name: string;
      readonly focus?: { readonly x: number; readonly y: number };
      readonly unitCount: number;
    }
  | { readonly type: 'LayoutUnitsAdded'; readonly layoutId: string; readonly units: readonly Unit[] }
  | { readonly type: 'LayoutCompleted'; readonly layoutId: string };
