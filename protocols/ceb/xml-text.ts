const forbiddenInXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** True when every character may stand in XML 1.0; a control or a lone surrogate may not. */
export const isXmlText = (value: string): boolean => !forbiddenInXml.test(value);

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser turns a bare carriage return into a line feed, so it must be spelled out.
  "\r": "&#13;",
};

/** Text as it may stand in an element or a double-quoted attribute. */
export const escapeXml = (value: string): string =>
  /[&<>"\r]/.test(value) ? value.replace(/[&<>"\r]/g, (char) => escapes[char] ?? char) : value;
