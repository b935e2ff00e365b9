import { z } from 'zod';

/** Minor units: ten thousand million of the major unit, room enough for the currencies with small units. */
export const MAX_PRICE = 1_000_000_000_000;
/** The most that one unit can hold, such as the standing places of a festival. */
export const MAX_CAPACITY = 1_000_000;

export const priceSchema = z.int().min(0).max(MAX_PRICE).meta({ description: 'minor units of the currency' });
export const quantitySchema = z.int().min(1).max(MAX_CAPACITY);
export const totalSchema = z.int().min(0).max(Number.MAX_SAFE_INTEGER).meta({ description: 'minor units of the currency' });
/** Drawing coordinates, in whatever measure the client's drawing has. */
export const coordinateSchema = z.number().min(-1_000_000_000).max(1_000_000_000);
