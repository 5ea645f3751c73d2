// Download contacts: which format, how far it has come, and a way to stop it.

import { useStore } from '@nanostores/preact'
import { useEffect, useRef } from 'preact/hooks'

import { $export, cancelExport, forgetExport, startExport, type Export } from '../../core/export.ts'
import { $total } from '../../core/table.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import '../kit/field.css'
import { Trouble } from '../kit/states.tsx'
import { sizeText } from './attachment.tsx'

const { export: says } = tableWords

/** Closing it stops what is under way. */
export function ExportDialog({ onClose }: { onClose: () => void }) {
  const now = useStore($export)
  useEffect(() => forgetExport, [])

  return (
    <Dialog title={says.title} closeLabel={words.close} onClose={onClose}>
      {!now && (
        <>
          <p class="dim">{says.text}</p>
          <div class="row">
            <Button
              kind="primary"
              icon="download"
              hint={says.csvHelp}
              onClick={() => void startExport('csv')}
            >
              {says.csv}
            </Button>
            <Button icon="download" hint={says.jsonHelp} onClick={() => void startExport('json')}>
              {says.json}
            </Button>
          </div>
        </>
      )}
      {now && <Course now={now} />}
    </Dialog>
  )
}

function Course({ now }: { now: Export }) {
  const counted = useStore($total).value
  const total = now.total ?? counted
  const { state, rows, bytes, format } = now
  const shown = rows.toLocaleString('en')

  return (
    <>
      {state === 'running' && (
        <>
          <progress
            class="progress"
            max={total ?? 1}
            value={total === undefined ? undefined : rows}
          />
          <p role="status">
            {total === undefined
              ? says.runningBytes(sizeText(bytes))
              : says.running(shown, total.toLocaleString('en'))}
          </p>
          <div class="dialog-actions">
            <Button onClick={cancelExport}>{says.cancel}</Button>
          </div>
        </>
      )}
      {state === 'done' && <Done now={now} rows={shown} />}
      {state === 'cancelled' && <p role="status">{says.cancelled}</p>}
      {state === 'failed' && <Trouble text={now.sentence ?? words.somethingBroke} />}
      {(state === 'cancelled' || state === 'failed') && (
        <div class="dialog-actions">
          <Button onClick={() => void startExport(format)}>{says.retry}</Button>
        </div>
      )}
    </>
  )
}

function Done({ now, rows }: { now: Export; rows: string }) {
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => link.current?.click(), [now.url])

  return (
    <>
      <p role="status">{says.done(rows)}</p>
      <p>
        <a ref={link} href={now.url ?? ''} download={now.name}>
          {says.again}
        </a>
      </p>
    </>
  )
}
