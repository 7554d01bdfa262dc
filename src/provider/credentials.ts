import type { Endpoint } from "./endpoint.ts";

const secretName = /auth|key|token|secret|cookie|password/i;
const secretValue = /^(?:bearer|basic)\s+/i;

/** Whether a header, or a parameter of a URL, is one that carries a key, by its name or by how its value begins. */
export function carriesKey(name: string, value: string): boolean {
  return secretName.test(name) || secretValue.test(value);
}

/** Every value of an endpoint that no message may show. */
export function secretsOf(endpoint: Endpoint): readonly string[] {
  const { apiKey, secrets = [] } = endpoint;
  const values = [
    ...secrets,
    ...keysSent(endpoint).flatMap((value) => [value, value.replace(secretValue, "")]),
  ];
  return apiKey === null ? values : [apiKey, ...values];
}

/** Whether an endpoint's requests carry a key at all, the preset's or one in the user's headers or query. */
export function sendsKey(endpoint: Endpoint): boolean {
  return endpoint.apiKey !== null || keysSent(endpoint).length > 0;
}

/** What tells the account of one endpoint from another's, for comparing in memory: it holds keys and is never shown. */
export function accountOf(endpoint: Endpoint): string {
  const keys = keysSent(endpoint).map((value) => value.replace(secretValue, ""));
  return JSON.stringify([...new Set(endpoint.apiKey === null ? keys : [endpoint.apiKey, ...keys])].sort());
}

function keysSent({ headers, query, baseUrl }: Endpoint): readonly string[] {
  const inUrl = URL.canParse(baseUrl) ? [...new URL(baseUrl).searchParams] : [];
  return [...Object.entries(headers), ...Object.entries(query), ...inUrl]
    .filter(([name, value]) => value !== "" && carriesKey(name, value))
    .map(([, value]) => value);
}
