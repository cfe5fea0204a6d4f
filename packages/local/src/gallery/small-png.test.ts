/** A picture with fewer colours is the same picture, for whoever reads a PNG. */
import { crc32, deflateSync, inflateSync } from "node:zlib"
import { expect, test } from "vitest"
import { chunk, smallPng } from "./small-png.ts"

/** A PNG of three bytes a pixel, with rows that are filtered already. */
function pngOf(width: number, rows: readonly (readonly number[])[], colourType = 2): Buffer {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, rows.length, 8, colourType, 0, 0, 0])
  const data = deflateSync(Buffer.from(rows.flat()))
  const signature = Buffer.from("89504e470d0a1a0a", "hex")
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", data.subarray(0, 5)),
    chunk("IDAT", data.subarray(5)),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

/** The colours of a PNG with a palette, row by row. */
function coloursOf(png: Buffer): string[][] {
  const chunks = new Map<string, Buffer>()
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const content = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    expect(png.readUInt32BE(at + 8 + content.length)).toBe(
      crc32(png.subarray(at + 4, at + 8 + content.length)),
    )
    chunks.set(png.toString("latin1", at + 4, at + 8), content)
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "IDAT", "IEND"])
  const width = chunks.get("IHDR")?.readUInt32BE(0) ?? 0
  const palette = chunks.get("PLTE")?.toString("hex").match(/.{6}/g) ?? []
  expect(palette.length).toBeLessThanOrEqual(256)
  const rows = inflateSync(chunks.get("IDAT") ?? Buffer.alloc(0))
    .toString("hex")
    .match(new RegExp(`.{${2 * width + 2}}`, "g"))
  return (rows ?? []).map((row) =>
    (row.match(/../g) ?? []).slice(1).map((place) => palette[parseInt(place, 16)] ?? ""),
  )
}

test("every filter is read, and colours that have a shade of their own are kept", () => {
  const png = pngOf(2, [
    [0, 255, 0, 0, 0, 255, 0],
    [1, 0, 0, 255, 17, 0, 0],
    [2, 0, 0, 0, 0, 17, 0],
    [3, 17, 0, 128, 0, 9, 0],
    [4, 0, 0, 0, 0, 0, 0],
  ])
  expect(coloursOf(smallPng(png))).toEqual([
    ["ff0000", "00ff00"],
    ["0000ff", "1100ff"],
    ["0000ff", "1111ff"],
    ["1100ff", "1111ff"],
    ["1100ff", "1111ff"],
  ])
})

test("the fourth byte of a pixel, which is how solid it is, is left out", () => {
  expect(coloursOf(smallPng(pngOf(2, [[0, 255, 255, 255, 255, 0, 0, 0, 255]], 6)))).toEqual([
    ["ffffff", "000000"],
  ])
})

test("more colours than a palette holds become fewer, each near what it was", () => {
  const rows = Array.from({ length: 100 }, (_, y) => [
    0,
    ...Array.from({ length: 100 }, (_, x) => [2 * x, 2 * y, (x * y) % 256]).flat(),
  ])
  const shown = coloursOf(smallPng(pngOf(100, rows)))
  expect(shown[0]?.[0]).toBe("000000")
  expect(shown[99]?.[0]).toBe("00aa00")
})

test("anything else is refused", () => {
  expect(() => smallPng(pngOf(1, [[0, 1]], 3))).toThrow("not a PNG as a browser writes it")
})
