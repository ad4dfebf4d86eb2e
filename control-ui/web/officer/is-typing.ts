/** Keys are shortcuts only while nobody types and no dialog is open. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.ctrlKey ||
  event.altKey ||
  event.metaKey ||
  event.target instanceof HTMLInputElement ||
  event.target instanceof HTMLTextAreaElement ||
  document.querySelector("dialog[open]") !== null;
