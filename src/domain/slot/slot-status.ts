export type SlotStatus = 'OPEN' | 'CLOSED' | 'CANCELLED';
