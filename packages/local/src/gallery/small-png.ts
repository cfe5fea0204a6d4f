/**
 * Makes a screenshot small enough to be kept with the code: its colours are rounded to a palette of at most 256, which a
 * text with soft edges does not need. Reads what a browser writes and no other PNG.
 * Format: https://www.w3.org/TR/png-3/
 */
import { crc32, deflateSync, inflateSync } from "node:zlib"

type Image = { width: number; height: number; channels: 3 | 4; pixels: Buffer }

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex")

const COLOURS_MAX = 256

/** How many shades each of red, green and blue has, the best first. With four there are no more than 64 colours. */
const SHADES = [16, 8, 4]

/** Throws if it is not a PNG as a browser writes it. */
export function smallPng(png: Buffer): Buffer {
  const image = decode(png)
  for (const shades of SHADES) {
    const { palette, rows } = paletted(image, shades)
    if (palette.length <= COLOURS_MAX) return encode(image, palette, rows)
  }
  throw new Error("There is a palette of four shades for any image.")
}

function decode(png: Buffer): Image {
  const data: Buffer[] = []
  let header: Buffer | null = null
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString("latin1", at + 4, at + 8)
    const content = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    if (type === "IHDR") header = content
    if (type === "IDAT") data.push(content)
  }
  const [depth, colourType, , , interlace] = header?.subarray(8) ?? []
  const channels = colourType === 2 ? 3 : 4
  if (!header || depth !== 8 || interlace !== 0 || (colourType !== 2 && colourType !== 6))
    throw new Error("This is not a PNG as a browser writes it.")
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  return {
    width,
    height,
    channels,
    pixels: unfiltered(inflateSync(Buffer.concat(data)), width * channels, channels),
  }
}

/** Each row begins with the filter that it was written with: how its bytes differ from those to the left and above. */
function unfiltered(filtered: Buffer, length: number, channels: number): Buffer {
  const height = filtered.length / (length + 1)
  const pixels = Buffer.alloc(height * length)
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (length + 1)] ?? 0
    for (let x = 0; x < length; x++) {
      const at = y * length + x
      const left = x >= channels ? (pixels[at - channels] ?? 0) : 0
      const above = y > 0 ? (pixels[at - length] ?? 0) : 0
      const corner = x >= channels && y > 0 ? (pixels[at - length - channels] ?? 0) : 0
      pixels[at] = (filtered[at + y + 1] ?? 0) + predicted(filter, left, above, corner)
    }
  }
  return pixels
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  if (filter === 0) return 0
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) =>
    Math.abs(left + above - corner - value),
  )
  if (toLeft === undefined || toAbove === undefined || toCorner === undefined) return 0
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/** Rows of places in the palette, each row after a zero: no filter, since places next to each other are not alike. */
function paletted(
  { width, height, channels, pixels }: Image,
  shades: number,
): { palette: number[]; rows: Buffer } {
  const step = 255 / (shades - 1)
  const shade = Array.from({ length: 256 }, (_, value) => Math.round(Math.round(value / step) * step))
  const shadeAt = (at: number) => shade[pixels[at] ?? 0] ?? 0
  const places = new Map<number, number>()
  const rows = Buffer.alloc(height * (width + 1))
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels
    const colour = shadeAt(at) * 0x1_00_00 + shadeAt(at + 1) * 0x1_00 + shadeAt(at + 2)
    const place = places.get(colour) ?? places.size
    if (place === places.size) places.set(colour, place)
    rows[pixel + Math.floor(pixel / width) + 1] = place
  }
  return { palette: [...places.keys()], rows }
}

function encode({ width, height }: Image, palette: readonly number[], rows: Buffer): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

/** One part of a PNG: its length, its four-letter type, its content and a checksum of both. */
export function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  check.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, check])
}
