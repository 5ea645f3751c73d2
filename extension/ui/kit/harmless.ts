// Text from strangers, without the characters that only exist to deceive the eye.

// Control characters, overrides of the writing direction, zero-width and filler characters and
// unseen tags. What joins letters and emoji (ZWJ, ZWNJ) and weak direction marks stay.
const deceivers =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0D\uFEFF\uFFA0\uFFF9-\uFFFB]|[\u{E0000}-\u{E0FFF}]/gu
const lineEnds = /\r\n?|[\u2028\u2029\u0085]/g

export function harmless(text: string): string {
  return text.replace(lineEnds, '\n').replace(deceivers, '')
}

const safeProtocols = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** An address that may be followed, in full; undefined for anything else. */
export function safeHref(href: string): string | undefined {
  const visible = harmless(href).trim()
  if (!URL.canParse(visible)) return undefined
  const url = new URL(visible)
  return safeProtocols.has(url.protocol) ? url.href : undefined
}
