// Finding a text among others as a reader would: no case, no accents; and where exactly it stands.

/** A text as it is compared, and for each of its letters the place in the text it came from. */
interface Folded {
  readonly text: string
  readonly places: readonly number[]
}

export interface Hit {
  readonly from: number
  readonly to: number
}

/** Every place where the phrase stands in the text, from its beginning. Hits don't overlap. */
export function hitsIn(text: string, phrase: string): readonly Hit[] {
  const wanted = folded(phrase.trim()).text
  if (wanted === '') return []
  const { text: flat, places } = folded(text)
  const hits: Hit[] = []
  for (let at = flat.indexOf(wanted); at !== -1; at = flat.indexOf(wanted, at + wanted.length)) {
    const from = places[at] ?? 0
    const last = places[at + wanted.length - 1] ?? from
    hits.push({ from, to: last + lengthAt(text, last) })
  }
  return hits
}

/** Letter by letter: a whole text would lose where its letters stood. */
function folded(text: string): Folded {
  let flat = ''
  const places: number[] = []
  for (let at = 0; at < text.length; at += lengthAt(text, at)) {
    const letter = text.slice(at, at + lengthAt(text, at))
    const plain = /\s/.test(letter)
      ? ' '
      : letter.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '')
    flat += plain
    for (let unit = 0; unit < plain.length; unit += 1) places.push(at)
  }
  return { text: flat, places }
}

/** A letter outside of the basic plane takes two units. */
function lengthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
