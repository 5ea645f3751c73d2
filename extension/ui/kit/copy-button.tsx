// Copies a text, and says so on itself.

import { useEffect, useState } from 'preact/hooks'

import { Button } from './button.tsx'

const shownMs = 1600

export interface CopyButtonProps {
  readonly text: string
  readonly label: string
  readonly done: string
}

export function CopyButton({ text, label, done }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)

  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), shownMs)
    return () => clearTimeout(timer)
  }, [copied])

  return (
    <>
      <Button
        kind="ghost"
        small
        icon={copied ? 'check' : 'copy'}
        label={label}
        onClick={() => {
          // Where the browser forbids it, the button simply does not say that it was done.
          void navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => undefined,
          )
        }}
      />
      <span class="heard" role="status">
        {copied && done}
      </span>
    </>
  )
}
