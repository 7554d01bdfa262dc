/** What follows `api_key:` or `Authorization:`; what follows `Bearer`; `sk-…`. `${ENV}` names a key and holds none. */
const secrets: readonly RegExp[] = [
  /(?<=(?<![\w-])(?:x-)?(?:api[-_]?key|authorization|password|secret)["']?\s*[:=]\s*["']?)(?!\s|\$\{|["'])[^,}"']+/gi,
  /(?<=\bBearer\s+)(?!\$\{)[\w.~+/=-]+/gi,
  /(?<![\w-])sk-[\w-]{4,}/g,
];

/** A line as it may be printed: each character of a value that looks like a key becomes a star, so that columns stay. */
export function hideSecrets(line: string): string {
  return secrets.reduce((text, pattern) => text.replace(pattern, (found) => "*".repeat(found.length)), line);
}
