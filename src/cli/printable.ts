/** Control and formatting characters (among them what turns the direction of writing), and those that end a line or a paragraph. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The text with such characters as JSON would escape them. Much of what is printed was written by customers: it must not
 * look like a line of ours, nor give orders to a terminal. One line of JSON stays the same document.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
