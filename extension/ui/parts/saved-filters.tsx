// Filters under a name: choose one, save what is put together, share it, make it the first.

import { useStore } from '@nanostores/preact'
import { useState } from 'preact/hooks'

import {
  $canApply,
  $saved,
  $savedNow,
  changeSaved,
  deleteSaved,
  isMine,
  saveFilter,
  updateSaved,
  useSaved as putInForce,
} from '../../core/saved-filters.ts'
import { $may } from '../../core/sign-in.ts'
import type { SavedFilter } from '../../../shared/saved-filters.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { Confirm, Dialog } from '../kit/dialog.tsx'
import { Check, Field, Input, Select } from '../kit/field.tsx'
import { Menu } from '../kit/menu.tsx'
import { Trouble } from '../kit/states.tsx'

const { filters: says } = tableWords
type Open = 'save' | 'rename' | 'delete' | undefined

export function SavedFilters() {
  const { value = [], state, sentence } = useStore($saved)
  const now = useStore($savedNow)
  const [open, setOpen] = useState<Open>()
  const [trouble, setTrouble] = useState<string>()
  const run = async (work: Promise<string | undefined>) => setTrouble(await work)

  return (
    <div class="saved-filters">
      <div class="row">
        <Select
          label={says.saved}
          value={now?.id ?? ''}
          options={[
            { value: '', title: value.length > 0 ? says.chooseSaved : says.noSaved },
            ...value.map((one) => ({ value: one.id, title: titleOf(one) })),
          ]}
          onSelect={(id) => {
            const chosen = value.find((one) => one.id === id)
            if (chosen) putInForce(chosen)
          }}
        />
        {now && <Actions filter={now} open={setOpen} run={(work) => void run(work)} />}
      </div>
      {now?.shared && <Chip>{isMine(now) ? says.shared : says.sharedBy(now.owner.name)}</Chip>}
      {state === 'failed' && <Trouble text={sentence ?? words.somethingBroke} />}
      {trouble && <Trouble text={trouble} />}
      <SaveButtons filter={now} open={() => setOpen('save')} run={(work) => void run(work)} />
      {open === 'save' && <NameDialog onClose={() => setOpen(undefined)} />}
      {open === 'rename' && now && <NameDialog filter={now} onClose={() => setOpen(undefined)} />}
      {open === 'delete' && now && (
        <Confirm
          title={says.removeTitle(now.name)}
          text={says.removeText}
          action={says.remove}
          cancel={words.cancel}
          kind="danger"
          onConfirm={() => void run(deleteSaved(now.id))}
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  )
}

interface SaveProps {
  readonly filter: SavedFilter | undefined
  readonly open: () => void
  readonly run: (work: Promise<string | undefined>) => void
}

function SaveButtons({ filter, open, run }: SaveProps) {
  const { reason } = useStore($canApply)
  const mayShare = useStore($may('filters.share')).allowed
  const mayUpdate = filter !== undefined && (isMine(filter) || (filter.shared && mayShare))

  return (
    <div class="row">
      {filter && mayUpdate && (
        <Button small reason={reason} onClick={() => run(updateSaved(filter.id))}>
          {says.update}
        </Button>
      )}
      <Button small reason={reason} onClick={open}>
        {filter ? says.saveNew : says.save}
      </Button>
    </div>
  )
}

interface ActionsProps {
  readonly filter: SavedFilter
  readonly open: (what: Open) => void
  readonly run: (work: Promise<string | undefined>) => void
}

function Actions({ filter, open, run }: ActionsProps) {
  const share = useStore($may('filters.share'))
  const { id, shared, isDefault } = filter
  const isOwn = isMine(filter)
  const reason = isOwn || (shared && share.allowed) ? undefined : says.notYours

  return (
    <Menu
      small
      label={says.actions}
      items={[
        { title: says.rename, reason, onSelect: () => open('rename') },
        {
          title: shared ? says.unshare : says.share,
          reason: reason ?? share.reason,
          onSelect: () => run(changeSaved(id, { shared: !shared })),
        },
        {
          title: isDefault ? says.noDefault : says.makeDefault,
          reason: isOwn ? undefined : says.notYours,
          onSelect: () => run(changeSaved(id, { isDefault: !isDefault })),
        },
        { title: says.remove, reason, onSelect: () => open('delete') },
      ]}
    />
  )
}

function NameDialog({ filter, onClose }: { filter?: SavedFilter; onClose: () => void }) {
  const share = useStore($may('filters.share'))
  const [name, setName] = useState(filter?.name ?? '')
  const [shared, setShared] = useState(false)
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)

  async function submit(): Promise<void> {
    if (name.trim() === '' || busy) return
    setBusy(true)
    const work = filter ? changeSaved(filter.id, { name }) : saveFilter(name, shared)
    const sentence = await work
    setBusy(false)
    if (sentence) setError(sentence)
    else onClose()
  }

  return (
    <Dialog title={filter ? says.rename : says.save} closeLabel={words.cancel} onClose={onClose}>
      <Field label={says.name} error={error}>
        {(ties) => (
          <Input {...ties} autofocus value={name} onText={setName} onEnter={() => void submit()} />
        )}
      </Field>
      {!filter && share.allowed && (
        <Check label={says.share} checked={shared} onCheck={setShared} />
      )}
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.cancel}</Button>
        <Button kind="primary" busy={busy} onClick={() => void submit()}>
          {filter ? says.rename : says.save}
        </Button>
      </div>
    </Dialog>
  )
}

function titleOf({ name, shared, isDefault }: SavedFilter): string {
  const marks = [shared && says.shared, isDefault && says.isDefault].filter(Boolean)
  return marks.length > 0 ? `${name} (${marks.join(', ')})` : name
}
