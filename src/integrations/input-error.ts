/** The input is at fault, not the program; the message is one line for the person who gave it and says where. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
