// What is done to any text before it is judged, compared or shown to a model.

/** The longest text that is compared word by word; what lies beyond is not looked at. */
const longestCompared = 4000

/** Controls, zero-width and tag characters, direction marks, variation selectors, fillers. */
const hiddenRanges =
  '00-08 0B-1F 7F-9F AD 34F 61C 115F-1160 17B4-17B5 180B-180F 200B-200C 200E-200F 2028-202E 2060-206F 3164 FE00-FE0E FEFF FFA0 FFF9-FFFB E0000-E0FFF 1BCA0-1BCA3 1D173-1D17A'
const hidden = new RegExp(
  `[${hiddenRanges.replaceAll(/[0-9A-F]+/g, '\\u{$&}').replaceAll(' ', '')}]`,
  'gu',
)

/**
 * The text as a person sees it: without zero-width, tag and direction characters, in which orders
 * to a model and secrets to a reader are hidden, and without control characters.
 */
export function visible(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?/g, '\n')
      // A joiner between two pictures makes one of them: 👩‍🚀. Anywhere else it only hides.
      .replace(
        /(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})/gu,
        '',
      )
      .replace(/(?<!\p{Extended_Pictographic})\uFE0F/gu, '')
      .replace(hidden, '')
  )
}

/** Lower case, without accents and apostrophes: «I’d like», «você» → «id like», «voce». */
export function plain(text: string): string {
  return visible(text.slice(0, longestCompared))
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/ł/g, 'l')
    .replace(/ß/g, 'ss')
    .replace(/['’‘`´ʼ]/g, '')
}

/** The words of a text in plain form. */
export function wordsOf(text: string): string[] {
  return plain(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The parts of a text between its stops, as words. */
export function clausesOf(text: string): string[][] {
  return plain(text)
    .split(/[.,;:!?\n()…¿¡。！？、，]+/u)
    .map((clause) => clause.match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((words) => words.length > 0)
}

/** Whether a phrase stands in a text, by whole words where the script has words. */
export function says(text: string, phrase: string): boolean {
  const wanted = wordsOf(phrase)
  if (wanted.length === 0) return false
  const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u
  if (spaceless.test(phrase)) return wordsOf(text).join('').includes(wanted.join(''))
  return ` ${wordsOf(text).join(' ')} `.includes(` ${wanted.join(' ')} `)
}

/** One line, at most so long. */
export function brief(text: string, length: number): string {
  const line = visible(text).replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1).trimEnd()}…`.toWellFormed()
}
