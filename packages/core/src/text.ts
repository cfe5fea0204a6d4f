/** Cuts texts to what fits where they go, never inside a character. */

/** The beginning of a text that fits into so many bytes of UTF-8. Never cut inside a character. */
export function withinBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= bytesMax) return text.toWellFormed()
  let end = bytesMax
  // The bytes of a character after its first begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString("utf8", 0, end)
}

/** Cuts at a word if there is one near, and never inside a character. */
export function shorten(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text
  const cut = text.slice(0, charactersMax - 1).replace(/[\uD800-\uDBFF]$/, "")
  const space = cut.lastIndexOf(" ")
  return `${space > charactersMax * 0.8 ? cut.slice(0, space) : cut}…`
}
