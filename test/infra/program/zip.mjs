/** Lists what SST has put into a zip, from the directory at its end. */
import { existsSync, readFileSync } from "node:fs"

const DIRECTORY_ENTRY = 0x02014b50
const DIRECTORY_END = 0x06054b50

/** The size of each file, by its name. Empty if there is no such zip. */
export function filesInZip(file) {
  if (!existsSync(file)) return {}
  const zip = readFileSync(file)
  // Nothing comes behind the end record but a comment, and SST writes none.
  const end = zip.length - 22
  if (zip.readUInt32LE(end) !== DIRECTORY_END) throw new Error(`${file} is not a zip as SST writes it.`)
  const files = {}
  let at = zip.readUInt32LE(end + 16)
  for (let count = zip.readUInt16LE(end + 10); count > 0; count--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error(`${file} has a broken directory.`)
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.toString("utf8", at + 46, at + 46 + nameLength)
    if (!name.endsWith("/")) files[name] = zip.readUInt32LE(at + 24)
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return files
}
