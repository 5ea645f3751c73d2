// A text as Markdown. The reader is loaded when a text first needs it; until then, and where a text
// would break it, the text stands as it was typed.

import type { Token } from 'marked'
import { useEffect, useState } from 'preact/hooks'

import { harmless } from '../kit/harmless.ts'
import { drawMarkdown } from './markdown-tree.tsx'
import './markdown.css'

type Lexer = (text: string) => Token[]

let lexer: Lexer | undefined
let loading: Promise<void> | undefined

/** Without one of these a text says the same with Markdown and without. */
const signs = /[*_`~#>|[\]<\\=+-]|https?:|www\.|@|^\s*\d+[.)]\s|\n {4}/m

/** Quotes in quotes in quotes: the reader takes a second for what nobody means. */
const hostile = /(?:>[ \t]*){20}/

export function Markdown({ text }: { text: string }) {
  const [, setLoaded] = useState(lexer !== undefined)
  const safe = harmless(text)
  const needed = signs.test(safe) && !hostile.test(safe)

  useEffect(() => {
    if (!needed || lexer) return
    loading ??= loadLexer()
    void loading.then(() => setLoaded(lexer !== undefined))
  }, [needed])

  const tokens = needed && lexer ? read(lexer, safe) : undefined
  return (
    <div class="markdown" dir="auto">
      {tokens ? drawMarkdown(tokens) : <p class="as-typed">{safe}</p>}
    </div>
  )
}

async function loadLexer(): Promise<void> {
  try {
    const { Marked } = await import('marked')
    const marked = new Marked({ gfm: true, breaks: true })
    lexer = (text) => marked.lexer(text)
  } catch {
    // The network went between the page and this: the next text asks again.
    loading = undefined
  }
}

function read(lexer: Lexer, text: string): Token[] | undefined {
  try {
    return lexer(text)
  } catch {
    // A text made to break the reader is shown as it was typed.
    return undefined
  }
}
