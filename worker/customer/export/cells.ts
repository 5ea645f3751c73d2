// CSV cells as RFC 4180 has them, that no spreadsheet takes for a formula.

/** What a spreadsheet may begin a formula with; full-width forms are turned into plain ones on import. */
const beginsFormula = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u
const isNumber = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/

/** A text as a cell: inert, and quoted where it must be. */
export function cell(text: string): string {
  const inert = beginsFormula.test(text) ? `'${text}` : text
  return /[",;\r\n]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** A number as a cell: a minus before it begins no formula. */
export function numberCell(text: string): string {
  return isNumber.test(text) ? text : cell(text)
}

export function line(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`
}
