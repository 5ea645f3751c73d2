// A campaign's name and stages: made, or changed.

import { useState } from 'preact/hooks'

import { changeCampaign, createCampaign } from '../../core/campaigns.ts'
import type { Campaign } from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field, Input } from '../kit/field.tsx'
import { Trouble } from '../kit/states.tsx'

export function CampaignDialog({
  campaign,
  onClose,
}: {
  campaign?: Campaign
  onClose: () => void
}) {
  const [name, setName] = useState(campaign?.name ?? '')
  const [stages, setStages] = useState(campaign?.stages.join('\n') ?? '')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)

  async function submit(): Promise<void> {
    if (name.trim() === '' || busy) return
    setBusy(true)
    const body = { name: name.trim(), stages: linesOf(stages) }
    const sentence = campaign ? await changeCampaign(campaign.id, body) : await create(body)
    setBusy(false)
    if (sentence) setError(sentence)
    else onClose()
  }

  return (
    <Dialog
      title={campaign ? campaignWords.edit : campaignWords.new}
      closeLabel={words.cancel}
      onClose={onClose}
    >
      <Field label={campaignWords.name}>
        {(ties) => (
          <Input {...ties} autofocus value={name} onText={setName} onEnter={() => void submit()} />
        )}
      </Field>
      <Field label={campaignWords.stages} help={campaignWords.stagesHelp}>
        {(ties) => (
          <textarea
            {...ties}
            class="control"
            value={stages}
            onInput={(event) => setStages(event.currentTarget.value)}
          />
        )}
      </Field>
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.cancel}</Button>
        <Button
          kind="primary"
          busy={busy}
          reason={name.trim() === '' ? campaignWords.nameMissing : undefined}
          onClick={() => void submit()}
        >
          {campaign ? campaignWords.save : campaignWords.create}
        </Button>
      </div>
    </Dialog>
  )
}

async function create(body: { name: string; stages: string[] }): Promise<string | undefined> {
  const made = await createCampaign(body)
  return 'sentence' in made ? made.sentence : undefined
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
