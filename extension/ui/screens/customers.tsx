// 360 View: every customer, one row each, with filters under the headers and beside the table.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { conditionsIn } from '../../core/list-state.ts'
import { loadSaved } from '../../core/saved-filters.ts'
import { $may } from '../../core/sign-in.ts'
import {
  $isEmpty,
  $isFiltered,
  $listLoad,
  $listState,
  $total,
  clearFilters,
  openTable,
  refreshList,
  setFilterPanel,
  setShowAnonymous,
  writeListQuery,
} from '../../core/table.ts'
import { tableWords } from '../../words/table.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Chip } from '../kit/chip.tsx'
import { lazy } from '../kit/lazy.tsx'
import { Menu } from '../kit/menu.tsx'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { CustomerTable } from '../parts/customer-table.tsx'
import { FilterPanel } from '../parts/filter-panel.tsx'
import { TableHead } from '../parts/table-head.tsx'
import './customers.css'
import { SearchBox } from './search.tsx'

const lazyWords = { loading: words.loading, failed: words.somethingBroke, retry: words.retry }
const AddContact = lazy(
  async () => (await import('../parts/add-contact.tsx')).AddContact,
  lazyWords,
)
const FieldsSettings = lazy(
  async () => (await import('../parts/fields-settings.tsx')).FieldsSettings,
  lazyWords,
)
const ExportDialog = lazy(
  async () => (await import('../parts/export-dialog.tsx')).ExportDialog,
  lazyWords,
)

type Dialog = 'add' | 'download' | 'fields' | undefined

export function Customers() {
  const can = useStore($may('customers.view'))
  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return <List />
}

function List() {
  const { state, sentence } = useStore($listLoad)
  const isEmpty = useStore($isEmpty)
  const { panel } = useStore($listState)
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)

  useEffect(openTable, [])
  useEffect(() => void loadSaved(), [])

  return (
    <section class="page" aria-labelledby="customers-title">
      <Head open={setDialog} />
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={refreshList}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      <div class="table-page">
        <div class="table-side">
          <CustomerTable head={<TableHead />} />
          {isEmpty && state === 'ready' && <Nothing add={() => setDialog('add')} />}
          {isEmpty && state === 'loading' && (
            <div class="table-over">
              <Skeleton label={words.loading} count={10} />
            </div>
          )}
        </div>
        {panel && <FilterPanel />}
      </div>
      {dialog === 'add' && <AddContact onClose={close} />}
      {dialog === 'fields' && <FieldsSettings onClose={close} />}
      {dialog === 'download' && <ExportDialog onClose={close} />}
    </section>
  )
}

function Head({ open }: { open: (dialog: Dialog) => void }) {
  const { q, advanced, panel, anonymous } = useStore($listState)
  const add = useStore($may('customers.add'))
  const download = useStore($may('customers.download'))
  const isFiltered = useStore($isFiltered)
  const conditions = conditionsIn(advanced)

  return (
    <header class="page-head">
      <h1 id="customers-title">{words.customers.title}</h1>
      <Counter />
      <span class="spread" />
      <SearchBox
        label={words.customers.find}
        placeholder={words.customers.find}
        value={q}
        onInput={writeListQuery}
        onClear={() => writeListQuery('')}
      />
      <Button icon="plus" reason={add.reason} onClick={() => open('add')}>
        {tableWords.add}
      </Button>
      <Button
        icon="download"
        reason={download.reason}
        hint={tableWords.downloadHelp}
        onClick={() => open('download')}
      >
        <span class="folds">{tableWords.download}</span>
      </Button>
      <Button icon="settings" hint={tableWords.fieldsHelp} onClick={() => open('fields')}>
        <span class="folds">{tableWords.fields}</span>
      </Button>
      <Button
        icon="filter"
        pressed={panel || conditions > 0}
        expanded={panel}
        onClick={() => setFilterPanel(!panel)}
      >
        {tableWords.filters.title}
        {conditions > 0 && <Chip tone="accent">{conditions}</Chip>}
      </Button>
      <Menu
        label={words.customers.more}
        items={[
          {
            title: words.customers.anonymous,
            checked: anonymous,
            onSelect: () => setShowAnonymous(!anonymous),
          },
          ...(isFiltered ? [{ title: tableWords.clearAll, onSelect: clearFilters }] : []),
        ]}
      />
    </header>
  )
}

/** The exact number for the filters on the screen; dots only while it is counted. */
function Counter() {
  const { value, state } = useStore($total)
  const isCounting = value === undefined && state !== 'failed'

  return (
    <span role="status" aria-busy={isCounting}>
      {value !== undefined && <Chip>{words.customers.count(value)}</Chip>}
      {isCounting && (
        <Chip>
          <span aria-hidden="true">{tableWords.counting}</span>
          <span class="heard">{tableWords.countingLabel}</span>
        </Chip>
      )}
      {state === 'failed' && value === undefined && (
        <Button small kind="ghost" onClick={refreshList}>
          {words.retry}
        </Button>
      )}
    </span>
  )
}

function Nothing({ add }: { add: () => void }) {
  const isFiltered = useStore($isFiltered)
  const can = useStore($may('customers.add'))

  return (
    <div class="table-over">
      {isFiltered ? (
        <Empty icon="search" text={tableWords.none}>
          <p class="small-text">{tableWords.noneHelp}</p>
          <Button onClick={clearFilters}>{tableWords.clearAll}</Button>
        </Empty>
      ) : (
        <Empty icon="people" text={words.customers.empty}>
          <p class="small-text">{tableWords.emptyHelp}</p>
          <Button icon="plus" reason={can.reason} onClick={add}>
            {tableWords.add}
          </Button>
        </Empty>
      )}
    </div>
  )
}
