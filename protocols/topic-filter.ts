/**
 * Whether an MQTT topic matches a filter (`+` one level, `#` the rest, also of nothing).
 * @see MQTT 3.1.1, section 4.7
 */
export function topicMatches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  const wanted = filter.split("/");
  const levels = topic.split("/");
  const startsWithWildcard = wanted[0] === "+" || wanted[0] === "#";
  if (topic.startsWith("$") && startsWithWildcard) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (index >= levels.length) return false;
    if (level !== "+" && level !== levels[index]) return false;
  }
  return wanted.length === levels.length;
}

/** Whether a filter has no wildcard, so that it can be looked up instead of matched. */
export const isPlainTopic = (filter: string): boolean => !/[+#]/.test(filter);
