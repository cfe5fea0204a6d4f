/**
 * `npm run gallery`: every kind of message at each privacy level in each channel, as a page and as pictures. The messages
 * are made by the code that sends them, so whoever changes that code sees what people will see.
 */
import { readOptions } from "@earshot/command/options"
import { mkdir, writeFile } from "node:fs/promises"
import path from "node:path"
import * as z from "zod"
import { BULLETIN_SAMPLES } from "../gallery/bulletin-sample.ts"
import { galleryPage, pictureOf } from "../gallery/page.ts"
import { takePictures } from "../gallery/picture.ts"
import { SAMPLES } from "../gallery/sample.ts"

const Options = z.object({
  into: z.string().min(1).default("docs").describe("the folder for alert.png and gallery/"),
})

const { into } = readOptions(Options, {
  command: "npm run gallery",
  does: "Draws every kind of message at each privacy level in each channel, as a page and as pictures to look at.",
  example: "--into docs",
  more: "The pictures need a Chromium, which it looks for; CHROMIUM names another. Without one it draws the page alone.",
})

const folder = path.resolve(into, "gallery")
const page = await galleryPage()
await mkdir(folder, { recursive: true })
await writeFile(path.join(folder, "index.html"), page)
process.stdout.write(`Drew ${path.join(folder, "index.html")}\n`)

const chromium = process.env["CHROMIUM"]
if (chromium) {
  const shots = [...SAMPLES, ...BULLETIN_SAMPLES].map((sample) => ({
    selector: `#${pictureOf(sample)}`,
    file: path.join(folder, `${pictureOf(sample)}.png`),
    scale: 1 as const,
  }))
  const alert = path.resolve(into, "alert.png")
  await takePictures(chromium, page, [...shots, { selector: "#alert", file: alert, scale: 2 }])
  process.stdout.write(`Drew ${shots.length} pictures beside it, and ${alert}\n`)
} else {
  process.stdout.write("Drew NO pictures: there is no Chromium here; install one, or name one in CHROMIUM.\n")
}
