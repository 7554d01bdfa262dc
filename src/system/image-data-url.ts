const imageTypes: Readonly<Record<string, string>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  gif: "gif",
  webp: "webp",
};

/** The data URL of an image file, known by the ending of its name; null for any other file. */
export function imageDataUrl(name: string, bytes: Uint8Array): string | null {
  const type = imageTypes[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
  return type === undefined ? null : `data:image/${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
