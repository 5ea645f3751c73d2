// How texts are compared: search, filters and options all fold them alike.

/** Letters that don't come apart into a plain one and its mark. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ς: 'σ',
}

/** A text as the search compares it: no case, no accents, single spaces. Folded again, it stays. */
export function fold(text: string): string {
  // Most are plain: there is nothing to take apart.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replaceAll(/ +/g, ' ').trim()
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[\p{M}\p{Cf}]/gu, '')
    .replaceAll(/[ßæœøłđðþıς]/g, (letter) => plainLetters[letter] ?? letter)
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** The digits of a phone number, however it is set; without the zero of `+46 (0)70`. */
export function digitsOf(text: string): string {
  return text.replaceAll(/\(0\)|\D/g, '')
}
