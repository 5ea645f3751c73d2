// What a piece of a page names: emails, phones, @usernames, ids of records. Pure and linear; how
// much is looked at, and how much is found, is capped.

export type FindKind = 'email' | 'phone' | 'username' | 'record'

export interface Find {
  readonly kind: FindKind
  /** As it stands in the text. */
  readonly text: string
  /** As one looks it up: lower-case emails and usernames, digits of a phone. */
  readonly value: string
  readonly at: number
}

const longestText = 20_000
const mostFinds = 50
/** No word of ours is longer; a longer run of letters is cut, so that no pattern walks it twice. */
const longestWord = 254

const emailWord = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63}){1,8}$/u
const usernameWord = /^@[a-z]\w{2,31}$/i
/** `cus_…`, `CRM-10492`, `0015g00000AbCdEFGH`: letters and digits, as systems number their records. */
const recordWord =
  /^(?:[a-z]{2,6}_[0-9a-z]{12,40}|[A-Z]{2,10}-\d{2,12}|[0-9a-zA-Z]{15}(?:[0-9a-zA-Z]{3})?)$/
const linkedName = /^(?:https?:\/\/)?(?:t\.me|telegram\.me)\/([a-z]\w{3,31})\/?$/i
const linkedPhone = /^(?:https?:\/\/)?(?:wa\.me|api\.whatsapp\.com\/send\?phone=)\/?\+?(\d{7,15})$/i

/** Everything a text names, in the order of the text. */
export function detect(text: string): readonly Find[] {
  const looked = text.slice(0, longestText)
  const finds: Find[] = []
  for (const word of wordsOf(looked)) {
    const find = findIn(word.text)
    if (find) finds.push({ ...find, at: word.at })
    if (finds.length >= mostFinds) return finds
  }
  for (const find of phonesIn(looked)) {
    if (finds.length >= mostFinds) break
    if (!finds.some((one) => overlap(one, find))) finds.push(find)
  }
  return finds.sort((a, b) => a.at - b.at)
}

/** What to ask for when this is selected: the one thing it names, or the selection itself. */
export function queryIn(selection: string): string {
  const text = selection.trim()
  const finds = detect(withoutScheme(text))
  // A name beside an address is looked up by the address; a whole page of them says nothing.
  const kinds = ['email', 'phone', 'username', 'record'] as const
  for (const kind of kinds) {
    const values = new Set(finds.filter((one) => one.kind === kind).map((one) => one.value))
    if (values.size === 1) return [...values][0] ?? text
    if (values.size > 1) break
  }
  return withoutScheme(text).slice(0, longestWord)
}

function findIn(word: string): Omit<Find, 'at'> | undefined {
  if (word.includes('@')) {
    if (emailWord.test(word)) return { kind: 'email', text: word, value: word.toLowerCase() }
    if (usernameWord.test(word)) return { kind: 'username', text: word, value: word.toLowerCase() }
    return undefined
  }
  const name = linkedName.exec(word)?.[1]
  if (name) return { kind: 'username', text: word, value: `@${name.toLowerCase()}` }
  const phone = linkedPhone.exec(word)?.[1]
  if (phone) return { kind: 'phone', text: word, value: `+${phone}` }
  if (recordWord.test(word) && /\d/.test(word) && /[a-z]/i.test(word)) {
    return { kind: 'record', text: word, value: word }
  }
  return undefined
}

/** Words without the marks around them. */
function* wordsOf(text: string): Generator<{ text: string; at: number }> {
  let start = -1
  for (let at = 0; at <= text.length; at += 1) {
    const ends = at === text.length || isBreak(text.charCodeAt(at))
    if (!ends) {
      if (start < 0) start = at
      continue
    }
    if (start >= 0 && at - start <= longestWord) yield trimmed(text, start, at)
    start = -1
  }
}

function trimmed(text: string, from: number, to: number): { text: string; at: number } {
  let start = from
  let end = to
  while (start < end && '([{"\'“‘«:'.includes(text[start] ?? '')) start += 1
  while (end > start && ')]}"\'”’».,;:!?'.includes(text[end - 1] ?? '')) end -= 1
  return { text: text.slice(start, end), at: start }
}

/** Spaces and the marks that stand between addresses in a list. */
function isBreak(code: number): boolean {
  return code <= 32 || code === 160 || code === 60 || code === 62 || code === 44 || code === 59
}

/** Runs of digits with the marks people put into phone numbers. One walk, no going back. */
function* phonesIn(text: string): Generator<Find> {
  let at = 0
  while (at < text.length) {
    if (!startsPhone(text, at)) {
      at += 1
      continue
    }
    let end = at + 1
    let last = at
    while (end < text.length && '0123456789 ().-/\u00A0'.includes(text[end] ?? '')) {
      if (isDigit(text, end)) last = end
      // Two spaces, or a line, part one number from the next.
      else if (isSpace(text, end) && isSpace(text, end + 1)) break
      end += 1
    }
    const found = text.slice(at, last + 1)
    const digits = withoutTrunkZero(found).replaceAll(/\D/g, '')
    if (isPhone(found, digits) && !isWordPart(text, last + 1)) {
      yield { kind: 'phone', text: found, value: found.startsWith('+') ? `+${digits}` : digits, at }
    }
    at = last + 1
  }
}

/** `+46 (0)70 …`: the zero in brackets is dialled only without the country before it. */
function withoutTrunkZero(found: string): string {
  return /^(?:\+|00)/.test(found) ? found.replace('(0)', '') : found
}

function isPhone(found: string, digits: string): boolean {
  if (digits.length > 15) return false
  if (found.startsWith('+')) return digits.length >= 7
  // Without a plus it must look dialled: dates, prices and years are digits too.
  if (/^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$/.test(found)) return false
  return digits.length >= 9 || (digits.length >= 7 && /^\(?0/.test(found))
}

function startsPhone(text: string, at: number): boolean {
  const char = text[at]
  if (char !== '+' && char !== '(' && !isDigit(text, at)) return false
  if (char !== '(' || isDigit(text, at + 1)) return !isWordPart(text, at - 1)
  return false
}

function isWordPart(text: string, at: number): boolean {
  return /[\p{L}\d_@#$€£%]/u.test(text[at] ?? '')
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 32 || code === 160
}

function overlap(a: Find, b: Find): boolean {
  return a.at < b.at + b.text.length && b.at < a.at + a.text.length
}

function withoutScheme(text: string): string {
  const bare = text.replace(/^(?:mailto|tel|sms):/i, '')
  const [address = ''] = bare === text ? [text] : bare.split('?')
  return bare === text ? text : decoded(address)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
