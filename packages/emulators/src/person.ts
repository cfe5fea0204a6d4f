/**
 * The people who call and are called. All are invented, and their numbers are in +1 555 01x xxxx, where no telephone
 * exchange can be.
 */
import { integer, pick, type Random } from "./random.ts"

export type Person = {
  readonly first: string
  readonly last: string
  readonly phone: string
  readonly email: string
}

const FIRST = (
  "Abena Alda Anselm Bao Bettina Caius Camila Corwin Daria Delphine Dov Edda Elio Esme Farid Fenna " +
  "Gideon Giulia Hana Ignace Imani Ines Jarek Juno Kaito Kerensa Lark Leocadia Linus Maeve Mateo " +
  "Mirela Nadir Niamh Odette Oskar Priya Quill Rafi Rosalind Runa Sable Selim Signe Tadeo Thandi " +
  "Ulla Viggo Wren Yara Yusuf Zadie"
).split(" ")

const LAST = (
  "Abernale Arkwell Ashdown-Pike Bellweather Birchgrove Blackmere Calloway-Finch Corriemoor " +
  "Dunmarrow Eddowell Fairbrook Fennimore Garrowby Greaveson Hallowick Harkaway Inglemoor Jessamine " +
  "Kettlewick Lanternby Larkspur Marchbanks Merriwold Netherby Oakhollow Pemberlane Pennyfold " +
  "Quarrington Ravensholt Rookwood Sallowfield Silverthorn Tamarack Thistledown Umberleigh " +
  "Vantongeren Wexmoor Whitlowe Yarrowby Zellermann"
).split(" ")

const MAIL = ["mail.example", "post.example", "inbox.example"]

/** Two people may share a name and, rarely, a number. */
export function createPerson(random: Random): Person {
  const first = pick(random, FIRST)
  const last = pick(random, LAST)
  const digits = integer(random, 0, 99_999).toString().padStart(5, "0")
  const address = `${first}.${last}`.toLowerCase().replaceAll(/[^a-z.]/g, "")
  return { first, last, phone: `+155501${digits}`, email: `${address}@${pick(random, MAIL)}` }
}
