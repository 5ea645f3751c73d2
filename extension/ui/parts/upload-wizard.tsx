// Uploading contacts: a file, where its columns go, how far it has come, and what became of each line.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { needFields } from '../../core/fields.ts'
import {
  $canStart,
  $wizard,
  closeWizard,
  sendFile,
  setUploadDefaults,
  startUpload,
  type Wizard,
} from '../../core/uploads.ts'
import { ParticipantStatus } from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field, Input, Select } from '../kit/field.tsx'
import { Trouble } from '../kit/states.tsx'
import { UploadColumns } from './upload-columns.tsx'
import { UploadCourse } from './upload-course.tsx'

const { upload: says } = campaignWords

export function UploadWizard({ stages }: { stages: readonly string[] }) {
  const wizard = useStore($wizard)
  useEffect(needFields, [])
  if (!wizard) return null

  return (
    <Dialog kind="wide" title={says.title} closeLabel={words.close} onClose={closeWizard}>
      {wizard.sentence && <Trouble text={wizard.sentence} />}
      {wizard.step === 'file' && <ChooseFile />}
      {wizard.step === 'sending' && (
        <>
          <progress class="progress" />
          <p role="status">{says.sending}</p>
        </>
      )}
      {wizard.step === 'mapping' && <MapColumns wizard={wizard} stages={stages} />}
      {wizard.step === 'course' && wizard.upload && (
        <UploadCourse upload={wizard.upload} busy={wizard.busy} />
      )}
    </Dialog>
  )
}

function ChooseFile() {
  const [isOver, setOver] = useState(false)
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0]
    if (file) void sendFile(file)
  }

  return (
    <label
      class={isOver ? 'upload-drop over' : 'upload-drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <input
        type="file"
        accept=".csv,text/csv"
        onChange={(event) => take(event.currentTarget.files)}
      />
      <span class="button primary">{says.choose}</span>
      <span class="dim">{says.drop}</span>
      <span class="small-text dim">{says.file}</span>
    </label>
  )
}

function MapColumns({ wizard, stages }: { wizard: Wizard; stages: readonly string[] }) {
  const { preview, busy, status, stage } = wizard
  const { reason } = useStore($canStart)
  if (!preview) return null

  return (
    <>
      <p class="dim">{says.mapping}</p>
      <UploadColumns preview={preview} mapping={wizard.mapping} />
      <h3>{says.defaults}</h3>
      <div class="upload-defaults">
        <Field label={campaignWords.status}>
          {(ties) => (
            <Select
              {...ties}
              value={status ?? ''}
              options={[
                { value: '', title: words.nothing },
                ...ParticipantStatus.options.map((one) => ({ value: one, title: one })),
              ]}
              // Safe: the options are the statuses.
              onSelect={(next) =>
                setUploadDefaults({
                  status: next === '' ? undefined : (next as ParticipantStatus),
                })
              }
            />
          )}
        </Field>
        <Field label={campaignWords.stage}>
          {(ties) =>
            stages.length > 0 ? (
              <Select
                {...ties}
                value={stage}
                options={[
                  { value: '', title: words.nothing },
                  ...stages.map((one) => ({ value: one, title: one })),
                ]}
                onSelect={(next) => setUploadDefaults({ stage: next })}
              />
            ) : (
              <Input
                {...ties}
                value={stage}
                onText={(next) => setUploadDefaults({ stage: next })}
              />
            )
          }
        </Field>
      </div>
      <div class="dialog-actions">
        <Button onClick={closeWizard}>{words.cancel}</Button>
        <Button kind="primary" busy={busy} reason={reason} onClick={() => void startUpload()}>
          {says.start}
        </Button>
      </div>
    </>
  )
}
