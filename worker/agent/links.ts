// Addresses in a text: found however they are written, allowed only from where they may come.

import { visible } from './text.ts'

/** Endings that make «word.word» an address. Two letters count as a country's. */
const endings = new Set(
  'com net org info biz edu gov mil int name pro dev app xyz site online shop store link click top live club page blog cloud tech space website email news agency digital media work works zone world today team support services solutions systems network group global center software company finance money bank tools run chat social video icu vip fun one art bio'.split(
    ' ',
  ),
)
/** Two letters that are no country but the end of a file's or a product's name. */
const noCountry = new Set(['js', 'ts', 'vs', 'am', 'pm'])
/** What opens something when it is clicked, without being a web address. */
const schemes =
  /(?<![\p{L}\p{N}])(?:javascript|vbscript|data|blob|file|mailto|tel|sms|intent|about|chrome|chrome-extension|tg|whatsapp|magnet|ftp|ws|wss|slack|skype|steam|geo):[^\s]+/giu
const withScheme = /(?<![\p{L}\p{N}])[a-z][a-z0-9+.-]{1,20}:[\\/]+[^\s<>"'`]+/giu
const withSlashes = /(?<![\p{L}\p{N}:/\\])[\\/]{2}[\p{L}\p{N}][^\s<>"'`]+/giu
const dotted =
  /(?<![\p{L}\p{N}.@-])(?:[\p{L}\p{N}_-]{1,63}\.){1,10}(?:[\p{L}]{2,24}|xn--[a-z0-9-]{1,59}|\d{1,3})(?:(?::\d{1,5})?(?:[/?#\\][^\s<>"'`]*)?)/giu
const mail = /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,10}[\p{L}]{2,24}/giu

/** Every address in a text, in the form two of them are compared by. */
export function linksIn(text: string): Set<string> {
  const found = new Set<string>()
  let rest = unhidden(text)
  const take = (pattern: RegExp, counts: (match: string) => boolean = () => true) => {
    rest = rest.replace(pattern, (match) => {
      if (!counts(match)) return match
      found.add(comparable(match))
      return ' '
    })
  }
  take(withScheme)
  take(withSlashes)
  take(schemes)
  take(mail)
  take(dotted, isAddress)
  return found
}

/**
 * The first address of a text that none of the sources holds, or nothing. An address must be there
 * whole: a path or a query hung on an allowed host may carry anything out.
 */
export function foreignLink(text: string, sources: readonly string[]): string | undefined {
  const links = linksIn(text)
  if (links.size === 0) return undefined
  const allowed = new Set(sources.flatMap((source) => [...linksIn(source)]))
  for (const link of allowed) allowed.add(hostOf(link))
  return [...links].find((link) => !allowed.has(link))
}

function isAddress(match: string): boolean {
  const [host = '', tail = ''] = split(match)
  const labels = host.replace(/:\d+$/, '').split('.')
  const ending = labels.at(-1) ?? ''
  if (/^\d+$/.test(ending)) return labels.length === 4 && tail !== ''
  if (tail !== '' || host.includes(':') || labels[0]?.toLowerCase() === 'www') return true
  // «ended.Now» is a full stop without its space: a country is written in one case.
  const oneCase = ending === ending.toLowerCase() || ending === ending.toUpperCase()
  const country = ending.length === 2 && oneCase && !noCountry.has(ending.toLowerCase())
  // «e.g.» and «z.B.» are no hosts.
  if (country) return (labels.at(-2)?.length ?? 0) > 1
  return endings.has(ending.toLowerCase()) || ending.startsWith('xn--')
}

/** The text as a browser would take it: full-width dots, entities and brackets round dots undone. */
function unhidden(text: string): string {
  return visible(text)
    .normalize('NFKC')
    .replace(/[。．｡]/g, '.')
    .replace(/&#x([0-9a-f]{1,6});?/gi, (_, hex: string) => character(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,7});?/g, (_, digits: string) => character(Number(digits)))
    .replace(/&(?:period|colon|sol|bsol|Tab|NewLine);/g, (name) => entities[name] ?? '')
    .replace(/[[({]\s?(?:\.|dot)\s?[\])}]/gi, '.')
    .replace(/\bhxxp/gi, 'http')
}

const entities: Record<string, string> = {
  '&period;': '.',
  '&colon;': ':',
  '&sol;': '/',
  '&bsol;': '\\',
}

function character(code: number): string {
  return code > 31 && code < 0x110000 ? String.fromCodePoint(code).toWellFormed() : ''
}

function comparable(link: string): string {
  const bare = link
    .replace(/\\/g, '/')
    .replace(/[.,;:!?)\]}>*_~|'"»”’]+$/u, '')
    .replace(/^(?:https?:)?\/+/i, '')
    .replace(/\/$/, '')
  const [host, tail] = split(bare)
  return `${host.toLowerCase()}${tail}`
}

function hostOf(link: string): string {
  return link.includes('@') ? link : split(link)[0]
}

function split(link: string): [host: string, tail: string] {
  const at = link.search(/[/?#\\]/)
  return at === -1 ? [link, ''] : [link.slice(0, at), link.slice(at)]
}
