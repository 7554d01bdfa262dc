/**
 * What a provider may limit for an account and a model: requests (r), tokens (t), prompt tokens (it) or completion tokens
 * (ot) a minute (pm), an hour (ph) or a day (pd).
 */
export const limitAxes = ["rpm", "rph", "rpd", "tpm", "tpd", "itpm", "otpm"] as const;

export type LimitAxis = (typeof limitAxes)[number];
