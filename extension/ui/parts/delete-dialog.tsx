// Delete: what goes with the customer, counted; the name typed while somebody is still talking.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $profile } from '../../core/customers.ts'
import { environment } from '../../core/environment.ts'
import { $removal, askRemoval, removeCustomer } from '../../core/record.ts'
import { customersPlace } from '../../core/route.ts'
import { recordWords } from '../../words/record.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field, Input } from '../kit/field.tsx'
import { harmless } from '../kit/harmless.ts'
import { Trouble } from '../kit/states.tsx'

export function DeleteDialog({ onClose }: { onClose: () => void }) {
  const { value, state, sentence } = useStore($removal)
  const name = useStore($profile).value?.name ?? ''
  const [typed, setTyped] = useState('')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const isNamed = !value || value.active === 0 || typed.trim() === value.name.trim()

  useEffect(() => void askRemoval(), [])

  async function remove(): Promise<void> {
    setBusy(true)
    const isPanel = environment().surface === 'panel'
    const to = isPanel ? ({ name: 'home' } as const) : customersPlace()
    const refused = await removeCustomer(value && value.active > 0 ? typed : undefined, to)
    setBusy(false)
    if (refused) setError(refused)
    else onClose()
  }

  return (
    <Dialog
      title={recordWords.deleteTitle(harmless(name))}
      closeLabel={recordWords.cancel}
      onClose={onClose}
    >
      {state === 'loading' && <p role="status">{recordWords.deleteCounting}</p>}
      {state === 'failed' && <Trouble text={sentence ?? words.somethingBroke} />}
      {value && (
        <>
          <p role="status">
            {recordWords.deleteCounts(value.sessions, value.communications, value.messages)}
          </p>
          {value.files > 0 && <p>{recordWords.deleteFiles(value.files)}</p>}
          <p class="dim">{recordWords.deletePermanent}</p>
          {value.active > 0 && (
            <Field label={recordWords.deleteName} help={recordWords.deleteActive(value.active)}>
              {(ties) => (
                <Input {...ties} value={typed} placeholder={value.name} onText={setTyped} />
              )}
            </Field>
          )}
        </>
      )}
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{recordWords.cancel}</Button>
        <Button
          kind="danger"
          busy={busy}
          reason={
            value ? (isNamed ? undefined : recordWords.deleteNameWrong) : recordWords.deleteCounting
          }
          onClick={() => void remove()}
        >
          {recordWords.delete}
        </Button>
      </div>
    </Dialog>
  )
}
