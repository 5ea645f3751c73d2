// The columns of an uploaded file, with its first rows, and where each of them goes.

import { useStore } from '@nanostores/preact'

import { $fields, isEditable } from '../../core/fields.ts'
import { mapColumn } from '../../core/uploads.ts'
import type { ColumnTarget, Mapping, UploadPreview } from '../../../shared/campaign.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { harmless } from '../kit/harmless.ts'

const { upload: says } = campaignWords
const shownRows = 3

export interface UploadColumnsProps {
  readonly preview: UploadPreview
  readonly mapping: Mapping
}

export function UploadColumns({ preview, mapping }: UploadColumnsProps) {
  const { header, rows } = preview

  return (
    <div class="lines-frame">
      <table class="lines-table">
        <thead>
          <tr>
            <th scope="col">{says.column}</th>
            <th scope="col">{says.sample}</th>
            <th scope="col">{says.goes}</th>
          </tr>
        </thead>
        <tbody>
          {header.map((name, at) => {
            const title = name.trim() === '' ? says.unnamed(at + 1) : harmless(name)
            const sample = rows.slice(0, shownRows).map((row) => harmless(row[at] ?? ''))
            return (
              <tr key={at}>
                <th scope="row">{title}</th>
                <td class="sample">
                  {sample.map((text, index) => (
                    <div key={index} class="one-line">
                      {text}
                    </div>
                  ))}
                </td>
                <td>
                  <Target column={at} title={title} value={mapping[String(at)]} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

interface TargetProps {
  readonly column: number
  readonly title: string
  readonly value: ColumnTarget | undefined
}

function Target({ column, title, value }: TargetProps) {
  const fields = (useStore($fields).value ?? []).filter(isEditable)
  // A key of the campaign's own data, and a product's attribute, is called as the column is.
  const key = title.slice(0, 60)
  const targets = new Map<string, string>([
    [`data:${key}`, says.campaignData(key)],
    ['status', says.campaignStatus],
    ['stage', says.campaignStage],
    ['product', says.product],
    [`product:${key}`, says.productAttribute(key)],
  ])
  const isOther =
    value !== undefined &&
    !targets.has(value) &&
    !fields.some(({ name }) => value === `field:${name}`)

  return (
    <select
      class="control"
      aria-label={`${says.goes}: ${title}`}
      value={value ?? ''}
      onChange={(event) => mapColumn(column, event.currentTarget.value || undefined)}
    >
      <option value="" selected={value === undefined}>
        {says.leaveOut}
      </option>
      {isOther && (
        <option value={value} selected>
          {value}
        </option>
      )}
      <optgroup label={says.fields}>
        {fields.map((field) => (
          <option
            key={field.name}
            value={`field:${field.name}`}
            selected={value === `field:${field.name}`}
          >
            {field.title}
          </option>
        ))}
      </optgroup>
      <optgroup label={says.ofCampaign}>
        {[...targets].map(([target, text]) => (
          <option key={target} value={target} selected={value === target}>
            {text}
          </option>
        ))}
      </optgroup>
    </select>
  )
}
