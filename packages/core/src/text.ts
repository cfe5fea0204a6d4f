/** Cuts texts to the length that fits where they go, never inside a character. */

/** The beginning of a text that fits into `bytesMax` bytes of UTF-8. Never cut inside a character. */
export function withinBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text.toWellFormed()
  let end = bytesMax
  // All bytes of a character but its first begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString("utf8", 0, end)
}

/** Cuts at the end of a word if one is near, and never inside a character. */
export function shorten(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const cut = text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, "")
  const space = cut.lastIndexOf(" ")
  return `${space > charactersMax * 0.8 ? cut.slice(0, space) : cut}…`
}
