import { bucketWindow } from "./bucket-window.ts";
import { fixedWindow } from "./fixed-window.ts";
import { type LimitWindow, minuteMs } from "./limit-window.ts";
import { slidingCounterWindow } from "./sliding-counter-window.ts";
import { slidingLogWindow } from "./sliding-log-window.ts";

/** How servers keep a limit of so much a minute. */
export const windowKinds = ["bucket", "bucket-second", "fixed", "sliding", "sliding-counter"] as const;

/** One of `windowKinds`. */
export type WindowKind = (typeof windowKinds)[number];

/** Every kind of window: limit per minute in, window out. */
export const windowTypes: Readonly<Record<WindowKind, (perMinute: number) => LimitWindow>> = {
  bucket: (perMinute) => bucketWindow(perMinute, 60),
  "bucket-second": (perMinute) => bucketWindow(perMinute, 1),
  fixed: (perMinute) => fixedWindow(perMinute, minuteMs),
  sliding: slidingLogWindow,
  "sliding-counter": slidingCounterWindow,
};
