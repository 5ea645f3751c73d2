// CSV (RFC 4180, and what spreadsheets make of it), record by record, with the place of each in bytes:
// a job that is taken up again begins at a byte.

/** One record: its cells, the line it begins on, and where the next one begins. */
export interface CsvRecord {
  readonly cells: readonly string[]
  /** From 1, as an editor counts them: a cell may hold line ends. */
  readonly line: number
  /** Bytes from the beginning of what was parsed. */
  readonly end: number
  readonly nextLine: number
}

export interface CsvPiece {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly delimiter: string
  /** The line the piece begins on. */
  readonly line: number
  /** Whether nothing follows: then the last record needs no line end. */
  readonly isLast: boolean
  readonly most: number
}

const utf8 = new TextDecoder()
/** One character per byte, so that places in the text are places in the bytes. */
const bytewise = new TextDecoder('latin1')
const isPlain = /^\p{ASCII}*$/u
const bom = [0xef, 0xbb, 0xbf]

/** How many bytes of a mark the file begins with. */
export function bomLength(bytes: Uint8Array): number {
  return bom.every((byte, at) => bytes[at] === byte) ? bom.length : 0
}

/** The delimiter that stands most often in the first line. */
export function delimiterOf(bytes: Uint8Array<ArrayBuffer>): string {
  const text = bytewise.decode(bytes.subarray(0, 65_536))
  const counts = new Map([',', ';', '\t', '|'].map((one) => [one, 0]))
  let quoted = false
  for (const char of text) {
    if (char === '"') quoted = !quoted
    else if (!quoted && (char === '\n' || char === '\r')) break
    else if (!quoted && counts.has(char)) counts.set(char, (counts.get(char) ?? 0) + 1)
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most && most[1] > 0 ? most[0] : ','
}

/**
 * The whole records of a piece of a file, at most so many. What is left after the last one belongs
 * to the next piece. A quote that is never closed takes in all that follows.
 */
export function recordsOf(piece: CsvPiece): CsvRecord[] {
  const text = bytewise.decode(piece.bytes)
  const records: CsvRecord[] = []
  let [at, line] = [0, piece.line]
  while (records.length < piece.most && at < text.length) {
    const read = readRecord(text, at, piece)
    if (!read) break
    const { cells, end, lineEnds } = read
    records.push({ cells, line, end, nextLine: line + lineEnds })
    at = end
    line += lineEnds
  }
  return records
}

function readRecord(
  text: string,
  from: number,
  { bytes, delimiter, isLast }: CsvPiece,
): { cells: string[]; end: number; lineEnds: number } | undefined {
  const cells: string[] = []
  let at = from
  let lineEnds = 0
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : { begin: at, end: at, next: at }
    if (!cell) {
      // Never closed. In the last piece all the rest is the cell.
      if (!isLast) return undefined
      cells.push(decode(text, bytes, at + 1, text.length))
      return { cells, end: text.length, lineEnds: lineEnds + linesIn(text, at, text.length) }
    }
    const next = endOfCell(text, cell.next, delimiter)
    if (cell.next > cell.begin) {
      const inside = decode(text, bytes, cell.begin + 1, cell.end).replaceAll('""', '"')
      // Text after a closing quote is kept: it is somebody's value, however badly written.
      cells.push(inside + decode(text, bytes, cell.next, next))
      lineEnds += linesIn(text, cell.begin, cell.end)
    } else cells.push(decode(text, bytes, at, next))

    if (next === text.length) return isLast ? { cells, end: next, lineEnds } : undefined
    if (text[next] === delimiter) {
      at = next + 1
      continue
    }
    // A piece may end between the two halves of a line end.
    if (text[next] === '\r' && next + 1 === text.length && !isLast) return undefined
    const length = text[next] === '\r' && text[next + 1] === '\n' ? 2 : 1
    return { cells, end: next + length, lineEnds: lineEnds + 1 }
  }
}

function quotedCell(text: string, begin: number) {
  let at = begin + 1
  for (;;) {
    const end = text.indexOf('"', at)
    if (end < 0) return undefined
    if (text[end + 1] !== '"') return { begin, end, next: end + 1 }
    at = end + 2
  }
}

function endOfCell(text: string, from: number, delimiter: string): number {
  let at = from
  for (; at < text.length; at += 1) {
    const char = text[at]
    if (char === delimiter || char === '\n' || char === '\r') break
  }
  return at
}

function linesIn(text: string, from: number, to: number): number {
  return text.slice(from, to).match(/\r\n|\n|\r/g)?.length ?? 0
}

function decode(text: string, bytes: Uint8Array<ArrayBuffer>, from: number, to: number): string {
  const plain = text.slice(from, to)
  return isPlain.test(plain) ? plain : utf8.decode(bytes.subarray(from, to))
}

/** Whether a record is only an empty line. */
export function isBlank({ cells }: CsvRecord): boolean {
  return cells.every((cell) => cell.trim() === '')
}
