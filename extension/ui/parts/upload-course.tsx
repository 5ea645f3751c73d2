// How far an upload has come, and the report of its lines.

import { useStore } from '@nanostores/preact'
import { useRef, useState } from 'preact/hooks'

import { go, hrefOf } from '../../core/route.ts'
import {
  $lines,
  cancelUpload,
  closeWizard,
  fetchReport,
  loadLines,
  moreLines,
  percentOf,
  resumeUpload,
} from '../../core/uploads.ts'
import { Outcome, type Upload, type UploadLine } from '../../../shared/campaign.ts'
import type { CustomerId } from '../../../shared/ids.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { Skeleton, Trouble } from '../kit/states.tsx'

const { upload: says } = campaignWords

export function UploadCourse({ upload, busy }: { upload: Upload; busy: boolean }) {
  const { state, size, offset, lines, error } = upload
  const percent = percentOf(upload)
  const canGoOn = state === 'cancelled' || state === 'failed'

  return (
    <>
      <progress class="progress" max={size || 1} value={size === 0 ? 1 : offset} />
      <p role="status" class="row">
        <Chip tone={state === 'failed' ? 'danger' : state === 'running' ? 'accent' : 'plain'}>
          {says.states[state]}
        </Chip>
        {says.progress(lines.toLocaleString('en'), percent)}
      </p>
      <Counts upload={upload} />
      {error && <Trouble text={error} />}
      {state === 'cancelled' && <p class="dim">{says.cancelled}</p>}
      {state !== 'running' && <Report />}
      <div class="dialog-actions">
        {state === 'running' && (
          <Button busy={busy} onClick={() => void cancelUpload()}>
            {says.cancel}
          </Button>
        )}
        {canGoOn && (
          <Button kind="primary" busy={busy} onClick={() => void resumeUpload()}>
            {says.resume}
          </Button>
        )}
        {state !== 'running' && <ReportButton />}
        <Button onClick={closeWizard}>{says.close}</Button>
      </div>
    </>
  )
}

function Counts({ upload }: { upload: Upload }) {
  return (
    <div class="outcome-counts">
      {Outcome.options.map((outcome) => {
        const count = upload.counts[outcome] ?? 0
        return (
          <Chip key={outcome} tone={count === 0 ? 'plain' : toneOf(outcome)}>
            {campaignWords.counts(count, says.outcomes[outcome])}
          </Chip>
        )
      })}
    </div>
  )
}

function toneOf(outcome: Outcome): 'plain' | 'note' | 'human' {
  if (outcome === 'created') return 'human'
  return outcome === 'conflict' || outcome === 'skipped' ? 'note' : 'plain'
}

function Report() {
  const { value, state, sentence } = useStore($lines)

  return (
    <>
      <div class="row">
        <Button
          small
          pressed={value?.outcome === undefined}
          onClick={() => void loadLines(undefined)}
        >
          {says.all}
        </Button>
        {Outcome.options.map((outcome) => (
          <Button
            key={outcome}
            small
            pressed={value?.outcome === outcome}
            onClick={() => void loadLines(outcome)}
          >
            {says.outcomes[outcome]}
          </Button>
        ))}
      </div>
      {state === 'failed' && <Trouble text={sentence ?? words.somethingBroke} />}
      {!value && state === 'loading' && <Skeleton label={words.loading} count={3} />}
      {value?.lines.length === 0 && <p class="dim">{says.noLines}</p>}
      {value && value.lines.length > 0 && (
        <div class="lines-frame">
          <table class="lines-table">
            <thead>
              <tr>
                <th scope="col">{says.line}</th>
                <th scope="col">{says.outcome}</th>
                <th scope="col">{says.detail}</th>
                <th scope="col">{campaignWords.customer}</th>
              </tr>
            </thead>
            <tbody>
              {value.lines.map((line) => (
                <LineRow key={line.line} line={line} />
              ))}
            </tbody>
          </table>
          {value.more && (
            <Button small onClick={() => void moreLines()}>
              {campaignWords.more}
            </Button>
          )}
        </div>
      )}
    </>
  )
}

function LineRow({ line }: { line: UploadLine }) {
  const { outcome, detail, customerId } = line

  return (
    <tr>
      <td>{line.line}</td>
      <td>
        <Chip tone={toneOf(outcome)}>{says.outcomes[outcome]}</Chip>
      </td>
      <td>{harmless(detail)}</td>
      <td>{customerId && <OpenLine id={customerId} />}</td>
    </tr>
  )
}

function OpenLine({ id }: { id: CustomerId }) {
  const place = { name: 'customer', customerId: id, tab: 'summary' } as const

  return (
    <a
      href={hrefOf(place)}
      onClick={inPlace(() => {
        closeWizard()
        go(place)
      })}
    >
      {words.open}
    </a>
  )
}

/** Fetched with our own sign-in, then saved by a link that is clicked for the person. */
function ReportButton() {
  const link = useRef<HTMLAnchorElement>(null)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()

  async function save(): Promise<void> {
    setBusy(true)
    const report = await fetchReport()
    setBusy(false)
    if (typeof report === 'string') {
      setTrouble(report)
      return
    }
    const { current } = link
    if (!current) return
    current.href = report.url
    current.download = report.name
    current.click()
    setTimeout(() => URL.revokeObjectURL(report.url), 60_000)
  }

  return (
    <>
      {trouble && <Trouble text={trouble} />}
      <Button icon="download" busy={busy} onClick={() => void save()}>
        {says.report}
      </Button>
      <a ref={link} hidden>
        {says.report}
      </a>
    </>
  )
}
